import { statSync } from 'node:fs'
import type { SessionLog } from '../audit/session-log.ts'
import type { Decision } from '../decision.ts'
import { HoopctlError } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import type { SharedState } from '../state/shared-state.ts'
import { sinceBoot } from '../state/since-boot.ts'
import { type DestinationStanding, type Spool, UploadStanding } from '../state/upload-standing.ts'
import { type Position, Uploads } from '../state/uploads.ts'
import {
  type Clocks,
  type Deadline,
  deadlineOf,
  denied,
  isLate,
  lateDenial,
  mayDeny,
  NOWHERE,
  TOO_MUCH,
} from './evidence-denial.ts'
import { SpoolLevel } from './spool-level.ts'

/** Denies calls while what was recorded does not reach those who keep it. */
export interface EvidenceCheck {
  /** Judges one call under the policy of now; null: it may pass, and what it writes counts as waiting from now on. */
  check(policy: Policy): Decision | null
  /** What a person does about a denial, one sentence. */
  readonly help: string
}

interface Options {
  /** Opens what processes share: a connection of its own. */
  readonly open: () => SharedState
  /** This session's. */
  readonly log: Pick<SessionLog, 'session' | 'path'>
  readonly help: string
  /** Writes one line for the person who reads stderr. */
  readonly say: (line: string) => void
  readonly now: () => Date
  /** Milliseconds since this machine started; absent: what the machine says. */
  readonly sinceBoot?: () => number
}

/** One destination, as far as it decides about calls. */
interface Place extends Deadline, Pick<DestinationStanding, 'destination' | 'isIdle' | 'fineMs'> {
  /** To where it is known to hold this session's log. */
  readonly confirmed: Position
}

const LOOK_MS = 1000

/**
 * Holds a session to `audit.upload.required` and `audit.spool`. A call costs a few comparisons: what other processes
 * confirmed is read once a second at most, and again before a call is denied. A policy that has neither opens nothing.
 */
export class EvidenceLimit implements EvidenceCheck {
  readonly help: string
  readonly #options: Options
  readonly #sinceBoot: () => number
  #policy: Policy | null = null
  #state: SharedState | null = null
  #standing: UploadStanding | null = null
  #session = ''
  #places: readonly Place[] = []
  readonly #level: SpoolLevel
  #spool: Spool = NOTHING_WAITS
  #failure: string | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(options: Options) {
    this.help = options.help
    this.#options = options
    this.#sinceBoot = options.sinceBoot ?? sinceBoot
    this.#level = new SpoolLevel((line) => options.say(`${line}. ${options.help}`))
  }

  /** Does something wait for a destination, as far as is known? False under a policy that does not ask. */
  get isWaiting(): boolean {
    return this.#places.some(({ isIdle }) => !isIdle)
  }

  check(policy: Policy): Decision | null {
    if (policy !== this.#policy) this.holdTo(policy)
    if (!isLimited(policy)) return null
    if (policy.uploads.length === 0) return mayDeny(policy) ? NOWHERE : null
    if (this.#denial(policy) === null) this.#callBegins(policy)
    else this.look()
    return this.#denial(policy)
  }

  /** Holds the session to a policy from now on: at its start, and where another one came. */
  holdTo(policy: Policy): void {
    this.#policy = policy
    clearInterval(this.#timer)
    this.#standing = null
    this.#places = []
    if (!isLimited(policy) || policy.uploads.length === 0) return
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref()
    this.look()
  }

  /** Looks whether something changed: what was confirmed, what this session wrote. */
  look(): void {
    const policy = this.#policy
    if (policy === null || !isLimited(policy) || policy.uploads.length === 0) return
    this.#unlessBroken(() => {
      const state = (this.#state ??= this.#options.open())
      const standing = (this.#standing ??= this.#begun(policy, state))
      const { session, path } = this.#options.log
      if (state.changed() || session !== this.#session) this.#read(policy, state, standing)
      const bytes = bytesOf(path)
      const isWritten = this.#places.some(({ isIdle, confirmed }) => isIdle && !(bytes <= confirmed.start))
      if (isWritten) this.#begin(policy, standing)
      this.#level.measure(policy, this.#spool, { session, bytes })
    })
  }

  /** Lets go of it. The end of a session is written to its log, too. */
  close(): void {
    clearInterval(this.#timer)
    const [policy, standing] = [this.#policy, this.#standing]
    if (policy !== null && standing !== null) this.#unlessBroken(() => this.#begin(policy, standing))
    this.#state?.close()
    this.#state = null
    this.#standing = null
  }

  // What is written about the call waits from now on, also where this machine sleeps before the next look.
  #callBegins(policy: Policy): void {
    const standing = this.#standing
    if (standing === null || this.#places.every(({ isIdle }) => !isIdle)) return
    this.#unlessBroken(() => this.#begin(policy, standing))
  }

  #begun(policy: Policy, state: SharedState): UploadStanding {
    const standing = new UploadStanding(state, policy, this.#sinceBoot)
    this.#begin(policy, standing)
    return standing
  }

  #begin(policy: Policy, standing: UploadStanding): void {
    standing.begin(
      policy.uploads.map(({ url }) => url),
      this.#options.now(),
    )
    if (this.#state !== null) this.#read(policy, this.#state, standing)
  }

  #read(policy: Policy, state: SharedState, standing: UploadStanding): void {
    const known = new Map(standing.all().map((each) => [each.destination, each]))
    const ledger = new Uploads(state)
    const { session } = this.#options.log
    const before = new Map(
      this.#session === session ? this.#places.map((each) => [each.destination, each.confirmed]) : [],
    )
    this.#session = session
    this.#places = policy.uploads.map(({ url }) => {
      const confirmed = ledger.position(url, session, before.get(url))
      const standing = known.get(url) ?? UNKNOWN
      const { isIdle, fineMs } = standing
      const until = deadlineOf(standing, policy.uploadTerms.requiredMs, this.#clocks)
      return { destination: url, isIdle, fineMs, confirmed, ...until }
    })
    this.#spool = standing.spool()
  }

  #denial(policy: Policy): Decision | null {
    const { requiredMs, spool } = policy.uploadTerms
    if (this.#failure !== null && mayDeny(policy)) {
      const why = `what was confirmed of the session logs cannot be read: ${this.#failure}`
      return denied(requiredMs === null ? 'audit.spool' : 'audit.upload.required', why)
    }
    const clocks = this.#clocks
    const late = requiredMs === null ? undefined : this.#places.find((place) => isLate(place, clocks))
    if (late !== undefined) return lateDenial(late)
    return spool?.onFull === 'deny' && this.#level.isFull ? TOO_MUCH : null
  }

  get #clocks(): Clocks {
    return { nowMs: this.#options.now().getTime(), bootMs: this.#sinceBoot() }
  }

  // What could not be looked at may be anything, so calls are denied until it can.
  #unlessBroken(work: () => void): void {
    try {
      work()
      this.#failure = null
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      this.#failure = failure.message
      this.#session = '' // what changed meanwhile is read once it can be
    }
  }
}

const NOTHING_WAITS: Spool = { bytes: 0, unended: new Map() }

// Somebody removed the row.
const UNKNOWN = { isIdle: false, fineMs: Number.NaN, fineBootMs: Number.NaN }

// In doubt all of it waits.
function bytesOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return Infinity
  }
}

function isLimited({ uploadTerms: { requiredMs, spool } }: Policy): boolean {
  return requiredMs !== null || spool !== null
}
