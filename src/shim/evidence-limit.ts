import { statSync } from 'node:fs'
import type { SessionLog } from '../audit/session-log.ts'
import type { Decision } from '../decision.ts'
import { HoopctlError } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import type { SharedState } from '../state/shared-state.ts'
import { sinceBoot } from '../state/since-boot.ts'
import { type DestinationStanding, type Spool, UploadStanding } from '../state/upload-standing.ts'
import { type Position, Uploads } from '../state/uploads.ts'
import { visible } from '../visible.ts'
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
interface Place extends Pick<DestinationStanding, 'destination' | 'isIdle' | 'fineMs'> {
  /** From when on calls are denied, by the clock and by one that nobody sets; the sooner counts. */
  readonly untilMs: number
  readonly untilBootMs: number
  /** To where it is known to hold this session's log. */
  readonly confirmed: Position
}

const LOOK_MS = 1000
/** A clock that is corrected over the network steps back a little. What was confirmed later than that counts for nothing. */
const TOLERANCE_MS = 120_000

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
      const { isIdle, fineMs, fineBootMs } = known.get(url) ?? UNKNOWN
      const until = this.#until(fineMs, fineBootMs, policy.uploadTerms.requiredMs)
      return { destination: url, isIdle, fineMs, confirmed, ...until }
    })
    this.#spool = standing.spool()
  }

  /** Tells until when calls pass, in doubt not at all: `NaN` and a time that is yet to come are no time that counts. */
  #until(
    fineMs: number,
    fineBootMs: number,
    requiredMs: number | null,
  ): Pick<Place, 'untilMs' | 'untilBootMs'> {
    if (requiredMs === null) return { untilMs: Infinity, untilBootMs: Infinity }
    const [now, boot] = [this.#options.now().getTime(), this.#sinceBoot()]
    if (!(now - fineMs >= -TOLERANCE_MS)) return { untilMs: -Infinity, untilBootMs: -Infinity }
    // This machine has started anew since, and that is longer ago than its start.
    const uptime = boot < fineBootMs ? boot : boot - fineBootMs
    const left = requiredMs - Math.max(now - fineMs, uptime, 0)
    return { untilMs: now + left, untilBootMs: boot + left }
  }

  #denial(policy: Policy): Decision | null {
    const { requiredMs, spool } = policy.uploadTerms
    if (this.#failure !== null && mayDeny(policy)) {
      const why = `what was confirmed of the session logs cannot be read: ${this.#failure}`
      return denied(requiredMs === null ? 'audit.spool' : 'audit.upload.required', why)
    }
    const late = requiredMs === null ? undefined : this.#lateOne()
    if (late !== undefined) return denied('audit.upload.required', lateWhy(late))
    if (spool?.onFull !== 'deny' || !this.#level.isFull) return null
    return denied('audit.spool', 'more of the session logs waits to be sent than `audit.spool.max` allows')
  }

  #lateOne(): Place | undefined {
    const [now, boot] = [this.#options.now().getTime(), this.#sinceBoot()]
    return this.#places.find(
      ({ isIdle, untilMs, untilBootMs }) => !isIdle && !(now < untilMs && boot < untilBootMs),
    )
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

const NOWHERE = denied(
  'audit.upload',
  'this policy is not signed, so none of its destinations is used, and what is recorded is never confirmed',
)

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

function mayDeny({ uploadTerms: { requiredMs, spool } }: Policy): boolean {
  return requiredMs !== null || spool?.onFull === 'deny'
}

function denied(rule: string, why: string): Decision {
  return { effect: 'deny', rules: [rule], why, reasons: [] }
}

function lateWhy({ destination, fineMs }: Place): string {
  const since = new Date(fineMs)
  const when = Number.isNaN(since.getTime()) ? 'nothing that counts' : `nothing since ${since.toISOString()}`
  return `session logs wait to be sent, and \`${visible(destination)}\` has confirmed ${when}`
}
