import type { RegexEngine } from './cel-environment.ts'

const MAX_STEPS = 100_000
const MIN_STEPS = 100
// Steps times characters: a step may look through all of the arguments, so large ones get fewer steps.
const MAX_WORK = 2 ** 31
const MAX_MATCHED_CHARACTERS = 2 ** 20
const MAX_KEPT_PATTERNS = 256

/** Bounds what one evaluation of a condition may cost; beyond the bound the condition fails. */
export class LoopMeter {
  readonly #regex: RegexEngine | null
  readonly #patterns = new Map<string, (text: string) => boolean>()
  #stepsLeft = 0
  #charactersLeft = 0

  constructor(regex: RegexEngine | null) {
    this.#regex = regex
  }

  /** Whether the bound was met since `start`. */
  get exceeded(): boolean {
    return this.#stepsLeft < 0 || this.#charactersLeft < 0
  }

  /** Begins one evaluation over arguments of that many characters. */
  start(argumentCharacters: number): void {
    const affordable = Math.floor(MAX_WORK / Math.max(1, argumentCharacters))
    this.#stepsLeft = Math.max(MIN_STEPS, Math.min(MAX_STEPS, affordable))
    this.#charactersLeft = MAX_MATCHED_CHARACTERS
  }

  /** Is called before each step of a loop. */
  readonly step = (): void => {
    if (--this.#stepsLeft < 0) throw new Error('the condition takes too many steps')
  }

  /** Runs `matches()`: whether the pattern is found anywhere in the text. */
  readonly match = (text: string, pattern: string): boolean => {
    this.#charactersLeft -= text.length + pattern.length
    if (this.#charactersLeft < 0) throw new Error('`matches` would look through too much text')
    return this.#compiled(pattern)(text)
  }

  #compiled(pattern: string): (text: string) => boolean {
    const known = this.#patterns.get(pattern)
    if (known !== undefined) return known
    if (this.#regex === null) throw new Error('no engine for regular expressions was loaded')
    const made = this.#regex(pattern)
    // Patterns may come from an agent's arguments: they must not pile up.
    if (this.#patterns.size >= MAX_KEPT_PATTERNS) this.#patterns.clear()
    this.#patterns.set(pattern, made)
    return made
  }
}
