import { describe, expect, it } from 'vitest'
import { Shims } from '../../src/state/shims.ts'
import { ANA, aQuestion, idOf, openApprovals } from './a-question.ts'
import { at, edit, newPlace } from './a-state.ts'

const BY = { session: '01SESSION', exchange: 5 }
const id = idOf(1)
const DAY = 86_400
const ENTRY = {
  approval: id,
  session: 's1',
  call: 'c',
  label: 'orders',
  what: 'write',
  left: 2,
  until: at(60),
}

/** The call that it covers. */
const COVERED = { approval: id, session: 's1', call: 'c' }

const countOf = (opened: ReturnType<typeof openApprovals>, table: string) =>
  opened.state.database.get(`SELECT count(*) AS count FROM ${table}`)?.['count']

describe('the end of a question', () => {
  it('[ATK-CLOCK-BACK] given a clock that stands still, it ends by the monotonic clock, also for a process that starts then', () => {
    let passedMs = 5000
    const place = newPlace()
    const monotonic = () => passedMs
    const { approvals } = openApprovals(place, { monotonic })
    approvals.ask(aQuestion(), 7, at(0))
    passedMs += 599_999
    expect(approvals.waiting(at(1))).toHaveLength(1)
    passedMs += 1
    expect([approvals.waiting(at(1)), approvals.claim(id, BY, at(1))]).toEqual([[], false])
    passedMs = 0 // a restart of the machine
    const later = openApprovals(place, { monotonic }).approvals
    expect([later.waiting(at(1)), later.claim(id, BY, at(1))]).toEqual([[], false])
  })

  it('[ATK-CLOCK-BACK] given the end by the wall clock, a clock set back a little does not revive it', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    for (const number of [1, 2]) approvals.ask(aQuestion({ approval: idOf(number) }), 7, at(0))
    approvals.queue(id, at(0))
    expect(approvals.claim(idOf(2), BY, new Date(at(600).getTime() - 1))).toBe(true)
    expect(approvals.ofCall(aQuestion().call, ANA, at(600))).toEqual([])
    for (const each of [approvals, openApprovals(place).approvals]) {
      expect([each.get(id, at(590))?.state, each.claim(id, BY, at(590))]).toEqual(['withdrawn', false])
    }
  })

  it('[ATK-CLOCK-BACK] given a clock set back by an hour, all are over, also when it is right again, and none can be put', () => {
    const place = newPlace()
    const { approvals, clock } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    approvals.remember(ENTRY, at(0))
    clock.mark(at(30))
    expect(openApprovals(place).approvals.waiting(at(30 - 3600))).toEqual([])
    expect(approvals.useRemembered(COVERED, at(30 - 3600))).toBeNull()
    expect(approvals.claim(id, BY, at(31))).toBe(false)
    expect(approvals.get(id, at(31))?.why).toBe('the clock of this machine was set back')
    expect(approvals.useRemembered(COVERED, at(31))).toBeNull()
    const next = aQuestion({ approval: idOf(2) })
    const said = 'set back: it says 2026-11-05T11:00:30.000Z, and has said 2026-11-05T12:00:31.000Z'
    expect(() => approvals.ask(next, 7, at(30 - 3600))).toThrow(said)
    expect(() => approvals.remember({ ...ENTRY, approval: idOf(2) }, at(30 - 3600))).toThrow(said)
    approvals.ask(next, 7, at(32))
    expect(approvals.waiting(at(32))).toHaveLength(1)
  })

  it('[ATK-CLOCK-BACK] given a person who says that the earlier time is right, what was open is gone; what was used is known', () => {
    const { approvals, clock } = openApprovals(newPlace())
    for (const number of [1, 2]) approvals.ask(aQuestion({ approval: idOf(number) }), 7, at(0))
    approvals.claim(idOf(2), BY, at(0))
    approvals.remember(ENTRY, at(0))
    clock.reset(at(-DAY))
    expect([approvals.get(id, at(-DAY)), approvals.claim(id, BY, at(-DAY))]).toEqual([null, false])
    expect(approvals.useRemembered(COVERED, at(-DAY))).toBeNull()
    expect([approvals.get(idOf(2), at(-DAY))?.state, approvals.claim(idOf(2), BY, at(-DAY))]).toEqual([
      'used',
      false,
    ])
  })

  it('given a week after its end, it is forgotten with its answers and its mark, and not before', () => {
    const opened = openApprovals(newPlace())
    const { approvals } = opened
    for (const number of [1, 2]) approvals.ask(aQuestion({ approval: idOf(number) }), 7, at(0))
    approvals.answer(
      id,
      { kind: 'deny', approval: id, by: 'bob', message: null, at: at(1).toISOString() },
      at(1),
    )
    approvals.claim(idOf(2), BY, at(1))
    const counts = () => ['questions', 'answers', 'claims'].map((table) => countOf(opened, table))
    approvals.waiting(at(600 + 7 * DAY))
    expect(counts()).toEqual([2, 1, 1])
    approvals.waiting(at(601 + 7 * DAY))
    expect(counts()).toEqual([0, 0, 0])
  })

  it('[ATK-EDITED-STATE] given a used one whose row was removed, its mark stays as long', () => {
    const place = newPlace()
    const opened = openApprovals(place)
    opened.approvals.ask(aQuestion(), 7, at(0))
    opened.approvals.claim(id, BY, at(1))
    edit(place, `UPDATE questions SET state = 'queued'`)
    expect(opened.approvals.get(id, at(2))).toBeNull()
    const later = (number: number, seconds: number) => {
      const expires = at(seconds + 600).toISOString()
      opened.approvals.ask(aQuestion({ approval: idOf(number), expires }), 7, at(seconds))
      return countOf(opened, 'claims')
    }
    expect([later(2, 600 + 7 * DAY), later(3, 601 + 7 * DAY)]).toEqual([1, 0])
  })
})

describe('a remembered answer', () => {
  it('given one, it covers the same call of its session so many more times, over all processes', () => {
    const place = newPlace()
    const [one, other] = [openApprovals(place).approvals, openApprovals(place).approvals]
    one.remember(ENTRY, at(0))
    expect([
      one.useRemembered({ ...COVERED, session: 's2' }, at(1)),
      one.useRemembered({ ...COVERED, call: 'd' }, at(1)),
    ]).toEqual([null, null])
    const uses = [one, other, one].map((each) => each.useRemembered(COVERED, at(1)))
    expect(uses).toEqual([{ ...ENTRY, left: 1 }, { ...ENTRY, left: 0 }, null])
    expect(() => one.remember(ENTRY, at(2))).toThrow('remembered before')
    expect(one.useRemembered(COVERED, at(2))).toBeNull()
  })

  it('given its end by either clock, it covers nothing, also after a restart of the machine', () => {
    let passedMs = 0
    const monotonic = () => passedMs
    for (const [wall, passed, left] of [
      [59, 0, 1],
      [60, 0, undefined],
      [1, 59_999, 1],
      [1, 60_000, undefined],
    ] as const) {
      passedMs = 0
      const place = newPlace()
      const { approvals } = openApprovals(place, { monotonic })
      approvals.remember(ENTRY, at(0))
      passedMs = passed
      expect(approvals.useRemembered(COVERED, at(wall))?.left).toBe(left)
      passedMs = 0
      const again = openApprovals(place, { monotonic }).approvals.useRemembered(COVERED, at(1))
      expect(again?.left).toBe(left === undefined ? undefined : 0)
    }
  })

  it('given sessions, lists what is left in those whose shim runs; given an end of one, it is over', () => {
    const { approvals, state } = openApprovals(newPlace())
    const rest = { pid: 7, server: 'orders', policy: 'trust:00', started: at(0), subject: null, grants: [] }
    new Shims(state, () => 'boot').register({ session: 's1', ...rest })
    approvals.remember(ENTRY, at(0))
    approvals.remember({ ...ENTRY, approval: idOf(2), session: 's2' }, at(0))
    const third = { ...ENTRY, approval: idOf(3), until: at(30), label: '\ud800' }
    approvals.remember(third, at(0))
    expect(approvals.remembered(at(1))).toEqual([{ ...third, label: '\ufffd' }, ENTRY])
    expect([approvals.forget(idOf(3)), approvals.forget(idOf(3)), approvals.forget(idOf(4))]).toEqual([
      true,
      false,
      false,
    ])
    expect(approvals.remembered(at(1))).toEqual([ENTRY])
    new Shims(state).unregister('s1')
    expect(approvals.remembered(at(1))).toEqual([])
  })

  it.each([
    'times = 99',
    `session = 's3'`,
    `call = 'd'`,
    `until = '2027-01-01T00:00:00.000Z'`,
    `deadline = '1e300'`,
  ])('[ATK-EDITED-STATE] given %s, it covers nothing and is told of once', (set) => {
    const place = newPlace()
    const { approvals, refused } = openApprovals(place)
    approvals.remember(ENTRY, at(0))
    edit(place, `UPDATE remembered SET ${set}`)
    const [session, call] = [set.includes('s3') ? 's3' : 's1', set.includes(`'d'`) ? 'd' : 'c']
    expect([1, 2].map(() => approvals.useRemembered({ ...COVERED, session, call }, at(1)))).toEqual([
      null,
      null,
    ])
    expect(refused.map((each) => each.id)).toEqual([id])
  })
})
