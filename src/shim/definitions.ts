import type { ToolAnnotations } from '../decision.ts'
import { canonicalJson } from '../canonical-json.ts'
import { sha256 } from '../digest.ts'
import type { Pins } from '../pins.ts'
import { annotationsOf } from '../tool-annotations.ts'
import type { Members } from './message.ts'

/** What this session knows of one tool's definition. */
export interface Definition {
  readonly annotations: ToolAnnotations
  /** The whole entry as listed, in canonical form, and its SHA-256. */
  readonly text: string
  readonly digest: string
  /** It differs from what was pinned, or could not be compared: hidden and refused until a person accepts it. */
  readonly changed: boolean
}

interface Seen {
  readonly annotations: ToolAnnotations
  readonly text: string
  readonly digest: string
  readonly generation: number
  /** Was the name listed with two definitions in one generation? */
  readonly several: boolean
  readonly differs: boolean
}

/**
 * The definitions that the server showed in this session, compared with those that were pinned on first sight
 * (docs/design.md, "Both protocol eras"). A model is steered by them, so a server must not change them unseen.
 */
export class Definitions {
  readonly #pins: Pins
  readonly #say: (line: string) => void
  readonly #seen = new Map<string, Seen>()
  #generation = 0
  #complete = false

  /** @param say tells the person at stderr of a changed definition */
  constructor(pins: Pins, say: (line: string) => void) {
    this.#pins = pins
    this.#say = say
  }

  /** What was seen of a tool last, also where the server has said since that its list changed. */
  get(tool: string): Definition | undefined {
    const seen = this.#seen.get(tool)
    if (seen === undefined) return undefined
    const { annotations, text, digest, several, differs } = seen
    // Asked again each time: a person may have accepted it meanwhile.
    return { annotations, text, digest, changed: several || (differs && !this.#isPinned(tool, text)) }
  }

  /** How often the server has said that its list changed. */
  get generation(): number {
    return this.#generation
  }

  /** Was this tool, or every tool, listed since the server last said that its list changed? */
  knows(tool: string): boolean {
    return this.#complete || this.#seen.get(tool)?.generation === this.#generation
  }

  /** The whole list of a generation was seen, or the server has none to show. */
  complete(generation: number): void {
    if (generation === this.#generation) this.#complete = true
  }

  /** The server said that its list changed: what it shows next is compared again. */
  forget(): void {
    this.#complete = false
    this.#generation += 1
  }

  /** Takes one tool as listed: its entry as a text and as a value. */
  see(name: string, entry: Members, text: string): Definition {
    const definition = canonicalJson(text)
    const digest = sha256(definition)
    const earlier = this.#seen.get(name)
    const fresh = earlier === undefined || earlier.generation !== this.#generation
    // A server that shows one name as two things at once could show the one and run the other.
    const several = !fresh && (earlier.several || earlier.digest !== digest)
    const differs = this.#differs(`tool:${name}`, `the tool \`${name}\``, definition)
    const annotations = annotationsOf(entry)
    const seen = { annotations, text: definition, digest, generation: this.#generation, several, differs }
    this.#seen.set(name, seen)
    return { annotations, text: definition, digest, changed: several || differs }
  }

  /** Are these instructions the ones that were pinned? */
  acceptsInstructions(instructions: string): boolean {
    return !this.#differs('instructions', 'the instructions', JSON.stringify(instructions))
  }

  #isPinned(tool: string, definition: string): boolean {
    try {
      return this.#pins.check(`tool:${tool}`, definition) === 'same'
    } catch {
      return false // the person was told when it was seen
    }
  }

  #differs(name: string, what: string, definition: string): boolean {
    try {
      if (this.#pins.check(name, definition) === 'same') return false
      this.#say(
        `${what} changed since first sight: hidden until accepted; see both and how to accept with: hoopctl pins list`,
      )
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      this.#say(`${what} cannot be compared with its pin and stays hidden: ${why}`)
    }
    return true
  }
}
