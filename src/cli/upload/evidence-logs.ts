import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileNameOf } from '../../audit/session-number.ts'
import { sessionNumbers } from '../../audit/sessions.ts'
import { type RecordedLog, recordedLog } from '../../audit/upload/recorded-log.ts'
import type { Policy } from '../../policy/policy.ts'
import { Shims } from '../../state/shims.ts'
import type { SharedState } from '../../state/shared-state.ts'
import type { Uploads } from '../../state/uploads.ts'
import type { Context } from '../context.ts'

/** The log of a session, as far as its upload goes. */
export interface EvidenceLog extends RecordedLog {
  /** Of the session, on this device. */
  readonly number: number
  /** Will nothing be written to it any more? */
  readonly isOver: boolean
}

/** Tells how many bytes of a log a destination is not known to hold, where it holds those before `start`. */
export function missingBytes({ bytes }: EvidenceLog, start: number): number {
  return Math.max(bytes - start, 0)
}

// One that runs has signed what it wrote after five seconds. What a log that was killed ends with is not signed, and is
// uploaded all the same, once nobody has written to it for so long.
const SILENT_MS = 60_000

/**
 * Finds the logs of sessions that were recorded under a policy: others are not its business. Those that a destination is
 * known to hold whole are only counted: there may be thousands.
 */
export class EvidenceLogs {
  readonly #directory: string
  readonly #policy: Policy
  readonly #running: ReadonlySet<string>
  readonly #context: Context
  readonly #read = new Map<number, EvidenceLog | null>()

  constructor(policy: Policy, shared: SharedState, context: Context) {
    this.#directory = join(context.directories().state, 'sessions')
    this.#policy = policy
    this.#context = context
    this.#running = new Set(new Shims(shared).running().map(({ session }) => session))
  }

  /** Lists those that a destination was not seen to hold whole, the oldest first, and counts the others. */
  waitingFor(
    destination: string,
    ledger: Pick<Uploads, 'isWhole'>,
  ): { readonly whole: number; readonly logs: readonly EvidenceLog[] } {
    let whole = 0
    const logs = sessionNumbers(this.#directory).flatMap((number) => {
      if (ledger.isWhole(destination, number, this.#bytesOf(number))) whole += 1
      else return this.logOf(number) ?? []
      return []
    })
    return { whole, logs }
  }

  /** Reads what is known of a log; null where it was recorded under another policy, or does not say under which. */
  logOf(number: number): EvidenceLog | null {
    const known = this.#read.get(number)
    if (known !== undefined) return known
    const log = this.#readLog(number)
    this.#read.set(number, log)
    return log
  }

  #readLog(number: number): EvidenceLog | null {
    const log = readable(join(this.#directory, fileNameOf(number)))
    if (log?.policy.name !== this.#policy.name || log.policy.signed !== this.#policy.signed) return null
    const isSilent = this.#context.now().getTime() - log.writtenMs > SILENT_MS
    return { ...log, number, isOver: log.hasFooter || (!this.#running.has(log.session) && isSilent) }
  }

  #bytesOf(number: number): number {
    try {
      return statSync(join(this.#directory, fileNameOf(number))).size
    } catch {
      return -1 // gone, or nothing that can be looked at
    }
  }
}

function readable(path: string): RecordedLog | null {
  try {
    return recordedLog(path)
  } catch {
    return null // `sessions list` shows it as broken
  }
}
