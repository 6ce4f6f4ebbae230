import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'

/** So long the same is not said again, however often it begins anew. */
const QUIET_MS = 10 * 60_000

/** Tells of a failure when it begins, and not while it lasts. */
export class ToldOnce {
  readonly #say: (line: string) => void
  readonly #now: () => Date
  #lasts = false
  /** When something was said last, by its way out: the words before that may be another's, and ever new. */
  readonly #said = new Map<string, number>()

  constructor(say: (line: string) => void, now: () => Date) {
    this.#say = say
    this.#now = now
  }

  /** Says what failed, and why, unless that is known. */
  failed(what: string, error: unknown): void {
    if (this.#lasts) return
    this.#lasts = true
    const [why, kind] = reasonOf(error)
    const at = this.#now().getTime()
    if (Math.abs(at - (this.#said.get(kind) ?? -Infinity)) < QUIET_MS) return
    this.#said.set(kind, at)
    this.#say(visible(`${what}: ${why}`))
  }

  /** Notes that it worked: the next failure is a new one. */
  worked(): void {
    this.#lasts = false
  }
}

function reasonOf(error: unknown): readonly [why: string, kind: string] {
  if (error instanceof HoopctlError) return [`${error.message} (${error.hint})`, error.hint]
  return [error instanceof Error ? error.message : String(error), '']
}
