import { counted } from '../counted.ts'
import type { VerificationRow } from './verification-row.ts'

type Counted =
  | 'complete'
  | 'open'
  | 'broken'
  | 'not trusted'
  | 'not whole elsewhere'
  | 'that could not be compared'

/** Counts what was verified, for people who read more than one line. */
export class VerifiedSum {
  readonly #devices = new Set<string>()
  readonly #counts = new Map<Counted, number>()
  #sessions = 0
  #between = 0

  add({ path, session, ok, state, device, remote }: VerificationRow): void {
    if (path === null && session === null) {
      this.#between += 1
      return
    }
    this.#sessions += 1
    if (device !== null) this.#devices.add(device)
    this.#count(ok || state === 'broken' ? state : 'not trusted')
    if (remote.some((at) => at.state === 'behind')) this.#count('not whole elsewhere')
    if (remote.some((at) => at.state === 'unreachable')) this.#count('that could not be compared')
  }

  /** Says it in one line; empty where one line was all there is. */
  inWords(): string {
    if (this.#sessions + this.#between < 2) return ''
    const parts = ORDER.flatMap((each) => {
      const count = this.#counts.get(each) ?? 0
      return count === 0 ? [] : [`${count} ${each}`]
    })
    const faults = this.#between === 0 ? [] : [`${counted(this.#between, 'fault')} between them`]
    const of = `${counted(this.#sessions, 'session')} of ${counted(this.#devices.size, 'device')}`
    return `${of}: ${[...parts, ...faults].join(', ')}\n`
  }

  #count(what: Counted): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }
}

const ORDER: readonly Counted[] = [
  'complete',
  'open',
  'broken',
  'not trusted',
  'not whole elsewhere',
  'that could not be compared',
]
