import type { Policy } from '../policy/policy.ts'
import type { Spool } from '../state/upload-standing.ts'

/** One session's log, as long as it is now. */
export interface OwnLog {
  readonly session: string
  readonly bytes: number
}

type Told = 'nothing' | 'nearly full' | 'full'

const NEARLY_FULL = 0.8

/** How much waits to be sent, as a part of what may; whoever reads stderr is told once that it is nearly too much, and once that it is. */
export class SpoolLevel {
  readonly #say: (line: string) => void
  #level = 0
  #told: Told = 'nothing'

  /** @param say is told one sentence */
  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** Is it above what may wait? */
  get isFull(): boolean {
    return this.#level > 1
  }

  /** Measures what waited at the last look, and what this session has written since. */
  measure(policy: Policy, spool: Spool, own: OwnLog): void {
    const limit = policy.uploadTerms.spool
    this.#level = levelOf(policy, spool, own)
    const before = this.#told
    this.#told = this.isFull ? 'full' : this.#level >= NEARLY_FULL ? 'nearly full' : 'nothing'
    if (this.#told === 'full' && before !== 'full') {
      const calls = limit?.onFull === 'deny' ? 'calls are denied' : 'calls go on'
      this.#say(`more of the session logs waits to be sent than \`audit.spool.max\` allows; ${calls}`)
    } else if (this.#told === 'nearly full' && before === 'nothing') {
      const percent = Math.floor(this.#level * 100)
      this.#say(`what waits of the session logs to be sent is ${percent} % of \`audit.spool.max\``)
    }
  }
}

/** Tells which part of what may wait does: what waited at the last look, and what one session has written since. In doubt it is all. */
export function levelOf({ uploadTerms: { spool } }: Policy, { bytes, unended }: Spool, own: OwnLog): number {
  const since = Math.max(own.bytes - (unended.get(own.session) ?? 0), 0)
  const level = spool === null ? 0 : (bytes + since) / spool.maxBytes
  return Number.isNaN(level) ? Infinity : level
}
