import type { ApprovalGround } from './approval-ground.ts'
import { forgottenBefore } from './approval-ground.ts'
import { type RememberedAnswer, type RememberedRow, RememberedRows } from './approval-remembered-row.ts'
import type { SealKey } from './activation-row.ts'
import type { MarkedTime } from './clock-mark.ts'
import type { SharedState } from './shared-state.ts'

/** An answer that was remembered, and what it is to cover. */
export type Covering = Pick<RememberedAnswer, 'approval' | 'session' | 'call'>

/** Answers that cover the same call again, in one session, so many more times, so long. */
export class Remembered {
  readonly #state: SharedState
  readonly #ground: ApprovalGround
  readonly #rows: RememberedRows

  constructor(state: SharedState, ground: ApprovalGround, key: SealKey) {
    this.#state = state
    this.#ground = ground
    this.#rows = new RememberedRows(state, key)
  }

  /** Keeps one. Throws where its approval was remembered before: that would give it more times than were given. */
  add(entry: RememberedAnswer, now: Date): void {
    const time = this.#ground.beginning(now)
    const { database } = this.#state
    database.durably(() => {
      const known = database.get('SELECT approval FROM remembered WHERE approval = ?', entry.approval)
      if (known !== undefined) throw new Error('this approval was remembered before')
      this.#rows.write({ entry, deadlineMs: this.#ground.deadlineMs(entry.until, time) })
      database.run('DELETE FROM remembered WHERE until < ?', forgottenBefore(time))
    })
    this.#state.ring()
  }

  /** Takes one time that is left of one, if it covers this call of this session; null where none is. */
  use({ approval, session, call }: Covering, now: Date): RememberedAnswer | null {
    const time = this.#ground.time(now)
    const covering = () =>
      this.#live({ approval }, time).filter(({ entry }) => entry.session === session && entry.call === call)
    if (covering().length === 0) return null
    const used = this.#state.database.durably(() => {
      const [first] = covering()
      if (first === undefined) return null
      const entry = { ...first.entry, left: first.entry.left - 1 }
      this.#rows.write({ ...first, entry })
      return entry
    })
    this.#state.ring()
    return used
  }

  /** Lists those that are left, the first to end first. */
  left(now: Date): RememberedAnswer[] {
    return this.#live('all', this.#ground.time(now)).map(({ entry }) => entry)
  }

  /** Ends one; false where none of it was left. The row stays, so that it cannot be remembered again. */
  end(approval: string): boolean {
    const ended = this.#state.database.durably(() => {
      const [known] = this.#rows.read({ approval }).found
      if (known === undefined || known.entry.left <= 0) return false
      this.#write(known, 0)
      return true
    })
    if (ended) this.#state.ring()
    return ended
  }

  /** Reads those that are live, and writes down which are not any more, so that they never are again. */
  #live(which: Parameters<RememberedRows['read']>[0], time: MarkedTime): readonly RememberedRow[] {
    const { live, over, refused } = this.#look(which, time)
    if (over.length + refused.length === 0) return live
    return this.#state.database.atomically(() => {
      const now = this.#look(which, time) // another process may have been here meanwhile
      for (const row of now.over) this.#write(row, 0)
      for (const row of now.refused) this.#ground.refuse('remembered', 'approval', row, time)
      return now.live
    })
  }

  #look(which: Parameters<RememberedRows['read']>[0], time: MarkedTime) {
    const { found, refused } = this.#rows.read(which)
    const left = found.filter(({ entry }) => entry.left > 0)
    const isOver = ({ entry, deadlineMs }: RememberedRow) =>
      this.#ground.isOver(entry.until, deadlineMs, time)
    return { live: left.filter((row) => !isOver(row)), over: left.filter(isOver), refused }
  }

  #write(row: RememberedRow, left: number): void {
    this.#rows.write({ ...row, entry: { ...row.entry, left } })
  }
}
