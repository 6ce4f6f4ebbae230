import type { ToolAnnotations } from '../decision.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { Pins } from '../pins.ts'
import { isMembers, type Members } from './message.ts'

/** What this session knows of one tool's definition. */
export interface Definition {
  readonly annotations: ToolAnnotations
  /** It differs from what was pinned, or could not be compared: hidden and refused until a person accepts it. */
  readonly changed: boolean
}

/**
 * The definitions that the server showed in this session, compared with those that were pinned on first sight
 * (docs/design.md, "Both protocol eras"). A model is steered by them, so a server must not change them unseen.
 */
export class Definitions {
  readonly #pins: Pins
  readonly #say: (line: string) => void
  readonly #seen = new Map<string, Definition>()
  #complete = false

  /** @param say tells the person at stderr of a changed definition */
  constructor(pins: Pins, say: (line: string) => void) {
    this.#pins = pins
    this.#say = say
  }

  get(tool: string): Definition | undefined {
    return this.#seen.get(tool)
  }

  /** Was this tool, or every tool, listed since the server last said that its list changed? */
  knows(tool: string): boolean {
    return this.#complete || this.#seen.has(tool)
  }

  /** The whole list was seen, or the server has none to show. */
  complete(): void {
    this.#complete = true
  }

  /** The server said that its list changed: what it shows next is compared again. */
  forget(): void {
    this.#complete = false
    this.#seen.clear()
  }

  /** Takes one tool as listed: its entry as a text and as a value. */
  see(name: string, entry: Members, text: string): Definition {
    const annotations = isMembers(entry['annotations']) ? entry['annotations'] : {}
    const earlier = this.#seen.get(name)
    const changed = this.#differs(`tool:${name}`, `the tool \`${name}\``, text) || earlier?.changed === true
    const definition = { annotations: withDefaults(annotations), changed }
    this.#seen.set(name, definition)
    return definition
  }

  /** Are these instructions the ones that were pinned? */
  acceptsInstructions(instructions: string): boolean {
    return !this.#differs('instructions', 'the instructions', JSON.stringify(instructions))
  }

  #differs(name: string, what: string, text: string): boolean {
    try {
      if (this.#pins.check(name, canonicalJson(text)) === 'same') return false
      this.#say(
        `${what} changed since first sight and stays hidden; look and accept it with: hoopctl pins list`,
      )
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      this.#say(`${what} cannot be compared with its pin and stays hidden: ${why}`)
    }
    return true
  }
}

// Defaults of ToolAnnotations in every revision of the protocol: an unhinted tool writes, destroys and reaches out.
function withDefaults(hints: Members): ToolAnnotations {
  const hint = (name: string, absent: boolean) => (typeof hints[name] === 'boolean' ? hints[name] : absent)
  return {
    title: typeof hints['title'] === 'string' ? hints['title'] : '',
    readOnlyHint: hint('readOnlyHint', false),
    destructiveHint: hint('destructiveHint', true),
    idempotentHint: hint('idempotentHint', false),
    openWorldHint: hint('openWorldHint', true),
  }
}
