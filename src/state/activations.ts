import type { Activation } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { readActivation, type SealKey, type StoredActivation, writeActivation } from './activation-row.ts'
import type { ClockMark, MarkedTime } from './clock-mark.ts'
import type { Row } from './database.ts'
import { Events } from './events.ts'
import type { SharedState } from './shared-state.ts'
import { sinceBoot } from './since-boot.ts'
import { agrees, type Which } from './which-activations.ts'

/** A row that is no activation, because its seal does not fit what it says. What it says is anybody's. */
export interface RefusedActivation {
  readonly id: string
  readonly grant: string
  readonly why: string
}

interface Needs {
  readonly key: SealKey
  readonly clock: ClockMark
  /** Called once for each edited row, in the process that comes upon it first; an event tells all others. */
  readonly onRefused?: (refused: RefusedActivation) => void
  /** Milliseconds of a clock that nobody sets, and that all processes of this machine read alike. */
  readonly monotonic?: () => number
}

interface Looked {
  readonly live: StoredActivation[]
  /** Not marked as ended, and over. */
  readonly over: StoredActivation[]
  readonly refused: Row[]
}

/** How long ended activations are kept: for somebody who looks, and so that an id is not used twice. */
const KEPT_MS = 24 * 3600_000

/** So much of a name in an edited row is told. */
const SHOWN = 100

/**
 * The activations of all subjects on this device, shared by all processes. Each row is sealed by the device key, with
 * how often it was used and whether it has ended: an edited one is removed and told of. Once one was seen to be over, by
 * the wall clock, its mark or the monotonic clock, it is marked as ended and stays so. Every function throws
 * STATE_UNWRITABLE where the database cannot be read or written: then nothing is active.
 */
export class Activations {
  readonly #state: SharedState
  readonly #needs: Needs
  readonly #events: Events
  readonly #monotonic: () => number
  /** What was verified already, by the whole row: most rows are as they were when they were last read. */
  #verified: ReadonlyMap<string, StoredActivation> = new Map()

  constructor(state: SharedState, needs: Needs) {
    this.#state = state
    this.#needs = needs
    this.#events = new Events(state)
    this.#monotonic = needs.monotonic ?? sinceBoot
  }

  /**
   * Makes an activation live, in place of a live one of the same subject, grant, policy and device. Throws GRANT_DENIED
   * where the clock was set back.
   */
  start(activation: Activation): void {
    const time = this.#needs.clock.mark(activation.started)
    if (time.setBack) {
      this.#tidy(time)
      throw clockSetBack(activation.started, time.now)
    }
    const { policy, grant, issuer, sub, device } = activation
    this.#state.database.durably(() => {
      this.#end({ policy, grant, issuer, sub, device }, time)
      const deadlineMs = this.#monotonic() + activation.expires.getTime() - time.now.getTime()
      const unused = { activation, deadlineMs, used: 0, ended: null }
      // An id is used once: `writeActivation` replaces, and an ended one must not be.
      const taken = this.#state.database.get('SELECT id FROM activations WHERE id = ?', activation.id)
      if (taken !== undefined) throw new Error('an activation with this id was started before')
      writeActivation(this.#state.database, unused, this.#needs.key)
      const before = new Date(time.now.getTime() - KEPT_MS).toISOString()
      this.#state.database.run('DELETE FROM activations WHERE ended < ?', before)
    })
  }

  /** Tells how many calls a live activation has let through, over all processes; 0 where it is not live. */
  used(id: string, now: Date): number {
    return this.#find(id, this.#needs.clock.mark(now))?.used ?? 0
  }

  /**
   * Tells the time by the clock that nobody sets, counted from when a live activation was made; null where it is not
   * live. A restart of the machine makes it too early, and never too late.
   */
  timeSince(id: string, now: Date): Date | null {
    const found = this.#find(id, this.#needs.clock.mark(now))
    if (found === undefined) return null
    const leftMs = found.deadlineMs - this.#monotonic()
    return new Date(found.activation.expires.getTime() - leftMs)
  }

  /** Lists the live ones among those that are meant; what is used up is not live. */
  live(which: Which, now: Date): Activation[] {
    const live = this.#tidy(this.#needs.clock.mark(now))
    return live.map(({ activation }) => activation).filter((activation) => agrees(activation, which))
  }

  /** Lists those that are meant, also what has ended within a day, oldest first. */
  known(which: Which, now: Date): StoredActivation[] {
    this.#tidy(this.#needs.clock.mark(now))
    const rows = this.#state.database.all('SELECT * FROM activations ORDER BY started, id')
    const stored = rows.map((row) => readActivation(row, this.#needs.key)).filter((each) => each !== null)
    return stored.filter(({ activation }) => agrees(activation, which))
  }

  /** Ends the live ones among those that are meant, for all processes; `{}` means all. Returns those that were live. */
  end(which: Which, now: Date): Activation[] {
    const time = this.#needs.clock.mark(now)
    return this.#state.database.durably(() => this.#end(which, time))
  }

  /** Removes who asked and why from what has ended. An id stays taken: nothing is started a second time by one yes. */
  forget(): void {
    this.#state.database.durably(() => {
      for (const row of this.#state.database.all('SELECT * FROM activations WHERE ended IS NOT NULL')) {
        const stored = readActivation(row, this.#needs.key)
        if (stored === null) continue
        const activation = { ...stored.activation, issuer: '', sub: '', reason: null }
        writeActivation(this.#state.database, { ...stored, activation }, this.#needs.key)
      }
    })
  }

  /** Makes a live activation end sooner, or let fewer calls through, for good; what is longer or more than it has changes nothing. */
  cut(id: string, { expires, uses }: Pick<Activation, 'expires' | 'uses'>, now: Date): void {
    this.#state.database.durably(() => {
      const stored = this.#find(id, this.#needs.clock.mark(now))
      if (stored === undefined) return
      const sooner = stored.activation.expires.getTime() - expires.getTime()
      const fewer = uses !== null && uses < (stored.activation.uses ?? Infinity)
      const deadlineMs = stored.deadlineMs - Math.max(sooner, 0)
      const cut = { ...(sooner > 0 && { expires }), ...(fewer && { uses }) }
      const activation = { ...stored.activation, ...cut }
      writeActivation(this.#state.database, { ...stored, activation, deadlineMs }, this.#needs.key)
    })
  }

  /**
   * Takes one of the calls that a live activation lets through, counted over all processes; false where it is not live
   * or none is left. The last one ends it.
   * @param most how many the policy gives now, if fewer than when it was started; null: any number
   */
  claimUse(id: string, now: Date, most: number | null = null): boolean {
    const time = this.#needs.clock.mark(now)
    const found = this.#find(id, time)
    if (found === undefined || (found.activation.uses === null && most === null)) return found !== undefined
    return this.#state.database.durably(() => {
      const stored = this.#find(id, time)
      if (stored === undefined) return false
      const limit = Math.min(stored.activation.uses ?? Infinity, most ?? Infinity)
      if (stored.used >= limit) return false
      const used = stored.used + 1
      const isLast = used >= limit
      const ended = isLast ? time.now : null
      writeActivation(this.#state.database, { ...stored, used, ended }, this.#needs.key)
      return true
    })
  }

  /** Tells how many more calls an activation lets through: null is any number, 0 also where it is not live. */
  usesLeft(id: string, now: Date): number | null {
    const found = this.#find(id, this.#needs.clock.mark(now))
    if (found === undefined) return 0
    const { uses } = found.activation
    return uses === null ? null : uses - found.used
  }

  #find(id: string, time: MarkedTime): StoredActivation | undefined {
    return this.#tidy(time, id)[0]
  }

  #end(which: Which, time: MarkedTime): Activation[] {
    const meant = this.#tidy(time).filter(({ activation }) => agrees(activation, which))
    for (const stored of meant) this.#markEnded(stored, time)
    return meant.map(({ activation }) => activation)
  }

  /** Reads what is live (all, or one), and writes down what is not any more, so that it never is again. */
  #tidy(time: MarkedTime, id: string | null = null): StoredActivation[] {
    const { live, over, refused } = this.#look(time, id)
    if (over.length + refused.length === 0) return live
    return this.#state.database.atomically(() => {
      const now = this.#look(time, id) // another process may have tidied meanwhile
      for (const stored of now.over) this.#markEnded(stored, time)
      for (const row of now.refused) this.#remove(row, time)
      return now.live
    })
  }

  #look(time: MarkedTime, id: string | null): Looked {
    const { database } = this.#state
    const rows =
      id === null
        ? database.all('SELECT * FROM activations ORDER BY started, id')
        : database.all('SELECT * FROM activations WHERE id = ?', id)
    const looked: Looked = { live: [], over: [], refused: [] }
    const verified = new Map<string, StoredActivation>()
    for (const row of rows) {
      const text = JSON.stringify(row)
      const stored = this.#verified.get(text) ?? readActivation(row, this.#needs.key)
      if (stored === null) {
        looked.refused.push(row)
        continue
      }
      verified.set(text, stored)
      if (stored.ended === null) (this.#isOver(stored, time) ? looked.over : looked.live).push(stored)
    }
    if (id === null) this.#verified = verified
    return looked
  }

  // A clock that is set back a little, again and again, would put off the end for ever: the monotonic clock does not.
  #isOver({ activation, deadlineMs, used }: StoredActivation, { now, setBack }: MarkedTime): boolean {
    const { expires, uses } = activation
    // Said this way round, what cannot be compared is over.
    const isInTime = now.getTime() < expires.getTime() && this.#monotonic() < deadlineMs
    return setBack || !isInTime || (uses !== null && used >= uses)
  }

  #markEnded(stored: StoredActivation, { now }: MarkedTime): void {
    writeActivation(this.#state.database, { ...stored, ended: now }, this.#needs.key)
  }

  #remove(row: Row, { now }: MarkedTime): void {
    const [id, grant] = [String(row['id']), String(row['grant'])]
    // Where the row cannot even be removed it is refused all the same, but told of only by those who could.
    if (this.#state.database.run('DELETE FROM activations WHERE id = ?', id) === 0) return
    const why = 'its seal does not fit: it was edited, or not written by hoopctl on this device'
    const fields = { id: id.slice(0, SHOWN), grant: grant.slice(0, SHOWN), why }
    this.#events.append({ kind: 'refused-activation', at: now, fields })
    this.#needs.onRefused?.(fields)
  }
}

function clockSetBack(started: Date, mark: Date): HoopctlError {
  const message = `the clock of this machine was set back: it says ${started.toISOString()}, and has said ${mark.toISOString()}`
  return new HoopctlError('GRANT_DENIED', message, { hint: 'set the clock right, then ask again' })
}
