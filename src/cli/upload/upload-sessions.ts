import type { Policy, UploadPlace } from '../../policy/policy.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { Uploads } from '../../state/uploads.ts'
import type { Context } from '../context.ts'
import { EvidenceLogs } from './evidence-logs.ts'
import { openDestination, type OpenedDestination } from './open-destination.ts'
import { UploadLooks } from './upload-looks.ts'
import { type AtDestination, nothingFor, uploadOne } from './upload-one.ts'

/** How sessions are uploaded. */
export interface UploadManner {
  /** Are those looked at too that a destination was seen to hold? It may have lost them since. */
  readonly again: boolean
  /** Is told each time that a session was looked at. */
  readonly progress: (done: number, of: number, bytes: number) => void
}

/** Uploads what was recorded under a policy, as often as it is asked to: destinations are opened once, with what lets them in. */
export class SessionUploader {
  readonly #policy: Policy
  readonly #shared: SharedState
  readonly #context: Context
  readonly #opened = new Map<string, OpenedDestination>()

  constructor(policy: Policy, shared: SharedState, context: Context) {
    this.#policy = policy
    this.#shared = shared
    this.#context = context
  }

  /**
   * Uploads what the destinations do not hold yet. Where one cannot be reached the rest waits; a session whose objects hold
   * other bytes is passed over.
   */
  async upload({ again, progress }: UploadManner): Promise<readonly AtDestination[]> {
    const { now } = this.#context
    const all = new EvidenceLogs(this.#policy, this.#shared, this.#context)
    const ledger = new Uploads(this.#shared)
    const looks = new UploadLooks(this.#policy, this.#shared, ledger, now)
    const done: AtDestination[] = []
    for (const to of this.#policy.uploads) {
      const { whole, logs } = all.waitingFor(to.url, again ? NOTHING : ledger)
      const sessions = whole + logs.length
      const at = { ...nothingFor(to.url), sessions }
      const how = { ledger, looks, again, now, refused: 0 }
      const uploading = logs.length === 0 ? null : { ...how, destination: await this.#destination(to) }
      for (const [index, log] of logs.entries()) {
        if (uploading !== null) await uploadOne(log, uploading, at)
        progress(whole + index + 1, sessions, at.bytes)
      }
      looks.at(to.url, logs, at.problem)
      done.push(at)
    }
    looks.atLast()
    return done
  }

  async #destination(to: UploadPlace): Promise<OpenedDestination> {
    const opened =
      this.#opened.get(to.url) ?? (await openDestination(to, this.#policy.identity, this.#context))
    this.#opened.set(to.url, opened)
    return opened
  }
}

const NOTHING = { isWhole: () => false }
