import type { UploadLedger } from '../../audit/upload/upload-log.ts'
import type { Policy } from '../../policy/policy.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { type UploadProblem, UploadStanding } from '../../state/upload-standing.ts'
import type { Uploads } from '../../state/uploads.ts'
import { type EvidenceLog, missingBytes } from './evidence-logs.ts'

/** What one upload finds at the destinations of a policy, noted for running sessions and for `hoopctl status`. */
export class UploadLooks {
  readonly #standing: UploadStanding
  readonly #ledger: Uploads
  readonly #now: () => Date
  /** How much of each log is held by every destination that was looked at. */
  readonly #held = new Map<EvidenceLog, number>()

  constructor(policy: Policy, shared: SharedState, ledger: Uploads, now: () => Date) {
    this.#standing = new UploadStanding(shared, policy)
    this.#ledger = ledger
    this.#now = now
  }

  /** Notes confirmations, and that the destination that gives one does confirm. */
  get ledger(): UploadLedger {
    return {
      position: (destination, session) => this.#ledger.position(destination, session),
      told: (destination, key) => this.#ledger.told(destination, key),
      confirm: (confirmation) => {
        this.#ledger.confirm(confirmation)
        this.#standing.confirmed(confirmation.destination, this.#now())
      },
    }
  }

  /**
   * Notes what waits for a destination, after it was sent what could be.
   * @param logs those that it was not seen to hold whole
   */
  at(destination: string, logs: readonly EvidenceLog[], problem: UploadProblem | null): void {
    let isIdle = true
    for (const log of logs) {
      const { start } = this.#ledger.position(destination, log.session)
      this.#held.set(log, Math.min(start, this.#held.get(log) ?? start))
      if (missingBytes(log, start) > 0) isIdle = false
    }
    this.#standing.looked(destination, { at: this.#now(), isIdle }, problem)
  }

  /** Notes what waits on this machine: what some destination does not hold. */
  atLast(): void {
    const held = [...this.#held]
    const bytes = held.reduce((sum, [log, start]) => sum + missingBytes(log, start), 0)
    const unended = held.filter(([{ isOver }]) => !isOver)
    const lengths = unended.map(([log, start]) => [log.session, Math.max(log.bytes, start)] as const)
    this.#standing.noteSpool({ bytes, unended: new Map(lengths) })
  }
}
