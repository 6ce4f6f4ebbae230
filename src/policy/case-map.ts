import { foldCase } from '../fold-case.ts'

/** Notes that a condition looked for a key and met one that differs in case only: it must fail, whatever CEL makes of it. */
export interface CaseMarks {
  inexact: boolean
}

class CaseTwin extends Error {
  override readonly name = 'CaseTwin'
}

/**
 * The members of an object of a call, for conditions. A key that is missing while another differs from it in case only
 * makes the condition fail: servers that ignore case (Go's, .NET's) would take `Path` for `path`, and a rule that only
 * looked whether there is a `path` would be walked around.
 */
export class CaseMap extends Map<string, unknown> {
  readonly #marks: CaseMarks
  #folded: Set<string> | null = null

  constructor(entries: Iterable<readonly [string, unknown]>, marks: CaseMarks) {
    super()
    this.#marks = marks
    for (const [key, value] of entries) this.set(key, value)
  }

  override get(key: string): unknown {
    const value = super.get(key)
    if (value === undefined && !super.has(key)) this.#missed(key)
    return value
  }

  override has(key: string): boolean {
    if (super.has(key)) return true
    this.#missed(key)
    return false
  }

  #missed(key: unknown): void {
    if (typeof key !== 'string') return
    this.#folded ??= new Set([...this.keys()].map(foldCase))
    if (!this.#folded.has(foldCase(key))) return
    this.#marks.inexact = true
    throw new CaseTwin('a key differs in case only')
  }
}

// CEL asks a value for its constructor, and knows that of Map.
Object.defineProperty(CaseMap.prototype, 'constructor', { value: Map })
