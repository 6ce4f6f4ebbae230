import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import type { Approvals, StoredQuestion } from '../../src/state/approvals.ts'
import { aDenial, ANA, anApproval, aQuestion, idOf, openApprovals } from './a-question.ts'
import { at, newPlace } from './a-state.ts'

const idsOf = (stored: readonly StoredQuestion[]) => stored.map(({ question }) => question.approval)
const BY = { session: '01SESSION', exchange: 5 }
const id = idOf(1)

/** As it stands in the state after it was put. */
function stored(members: Partial<StoredQuestion> = {}): StoredQuestion {
  return { question: aQuestion(), state: 'held', pid: 7, answers: [], claim: null, why: null, ...members }
}

describe('a question', () => {
  it('given one that was put, it waits with all that it says, also in another process and after a restart', () => {
    const place = newPlace()
    const [one, other] = [openApprovals(place), openApprovals(place)]
    one.approvals.ask(aQuestion(), 7, at(0))
    expect(other.approvals.waiting(at(1))).toEqual([stored()])
    expect(other.approvals.get(id, at(1))).toEqual(stored())
    expect(other.approvals.get(idOf(2), at(1))).toBeNull()
    one.state.close()
    other.state.close()
    expect(openApprovals(place).approvals.waiting(at(2))).toEqual([stored()])
  })

  it('given several, the oldest is first', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion({ approval: idOf(1), asked: at(2).toISOString() }), 7, at(2))
    approvals.ask(aQuestion({ approval: idOf(2), asked: '2026-11-05T12:00:01Z' }), 7, at(2))
    approvals.ask(aQuestion({ approval: idOf(3), asked: '2026-11-05T12:00:01.500Z' }), 7, at(2))
    expect(idsOf(approvals.waiting(at(3)))).toEqual([idOf(2), idOf(3), idOf(1)])
  })

  it('given an id that was used before, throws, whatever became of it', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    approvals.withdraw(id, 'the client cancelled it', at(1))
    expect(() => approvals.ask(aQuestion(), 7, at(1))).toThrow('a question with this id was put before')
    expect(approvals.get(id, at(1))).toEqual(stored({ state: 'withdrawn', why: 'the client cancelled it' }))
  })

  it('given what its next reader would take for no question, throws and keeps nothing', () => {
    const { approvals } = openApprovals(newPlace())
    expect(() => approvals.ask(aQuestion({ label: 'x'.repeat(20_000) }), 7, at(0))).toThrow('no question')
    expect(approvals.waiting(at(0))).toEqual([])
  })

  it('given a shim whose process ended, or whose number another process has, a held one is off the screens; a queued one stays', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    approvals.ask(aQuestion({ approval: idOf(2) }), 7, at(0))
    approvals.queue(idOf(2), at(1))
    for (const startOf of [() => null, () => 'later']) {
      const later = openApprovals(place, { startOf }).approvals
      expect(idsOf(later.waiting(at(2)))).toEqual([idOf(2)])
      expect(later.answer(id, anApproval(aQuestion()), at(2))).toBe('over')
      expect(later.answer(id, aDenial(id), at(2))).toBe('over')
    }
    const second = aQuestion({ approval: idOf(2) })
    expect(
      openApprovals(place, { startOf: () => null }).approvals.answer(idOf(2), anApproval(second), at(2)),
    ).toBe('taken')
    expect(idsOf(approvals.waiting(at(2)))).toEqual([id, idOf(2)])
  })

  it('given a process that had ended already when it asked, its question waits for nobody', () => {
    const { approvals } = openApprovals(newPlace(), { startOf: () => null })
    approvals.ask(aQuestion(), 7, at(0))
    expect(approvals.waiting(at(0))).toEqual([])
  })

  it('given queue and withdraw, each changes what is open, once', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    expect([approvals.queue(id, at(1)), approvals.queue(id, at(1))]).toEqual([true, false])
    expect(approvals.get(id, at(1))).toEqual(stored({ state: 'queued' }))
    const withdraw = () => approvals.withdraw(id, 'why \ud800', at(1))
    expect([withdraw(), withdraw(), approvals.queue(id, at(1))]).toEqual([true, false, false])
    expect(approvals.get(id, at(1))).toEqual(stored({ state: 'withdrawn', why: 'why \ufffd' }))
    expect(approvals.queue(idOf(2), at(1))).toBe(false)
  })
})

describe('an answer', () => {
  it('given approvals of several people, they are kept in their order, each proof once', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    const [eve, bob] = [
      anApproval(aQuestion()),
      anApproval(aQuestion(), { kind: 'key', key: 'k', signature: 's' }),
    ]
    const again = anApproval(aQuestion(), { kind: 'oidc', idToken: 'a.b.c', jwk: { x: 'abc', kty: 'OKP' } })
    const said = [eve, bob, again].map((each) => approvals.answer(id, each, at(5)))
    expect(said).toEqual(['taken', 'taken', 'taken'])
    expect(openApprovals(place).approvals.waiting(at(6))).toEqual([stored({ answers: [eve, bob] })])
  })

  it('given what ends with its session, as every power cut does, does not wait for the disk; all else does', () => {
    const { state, approvals } = openApprovals(newPlace())
    const waits: unknown[] = []
    const keep = state.database.run.bind(state.database)
    state.database.run = (sql, ...values) => {
      const { synchronous } = state.database.get('PRAGMA synchronous') ?? {}
      if (sql === 'COMMIT') waits.push(synchronous)
      return keep(sql, ...values)
    }
    const queued = aQuestion({ approval: idOf(2) })
    for (const question of [aQuestion(), queued, aQuestion({ approval: idOf(3) })])
      approvals.ask(question, 7, at(0))
    const yes = anApproval(aQuestion())
    const held = { ...yes, receipt: { ...yes.receipt, binds: { session: BY.session } } }
    waits.length = 0
    const said = [
      approvals.answer(id, held, at(5)),
      approvals.claim(id, { ...BY, endsWithSession: true }, at(5)),
      approvals.answer(idOf(2), anApproval(queued), at(5)),
      approvals.claim(idOf(2), BY, at(5)),
      approvals.answer(idOf(3), aDenial(idOf(3)), at(5)),
    ]
    expect(said).toEqual(['taken', true, 'taken', true, 'taken'])
    expect(waits).toEqual([1, 1, 2, 2, 2])
  })

  it('given a queued question, is not used as one whose answers end with a session', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    approvals.queue(id, at(1))
    expect(approvals.claim(id, { ...BY, endsWithSession: true }, at(2))).toBe(false)
    expect(approvals.claim(id, BY, at(2))).toBe(true)
  })

  it('given one that was held when the machine went down, tells of it where the same call is asked about, and nowhere else', () => {
    const place = newPlace()
    openApprovals(place).approvals.ask(aQuestion(), 7, at(0))
    const { call, requester } = aQuestion()
    const after = (uptime: number, start: string | null) =>
      openApprovals(place, { uptime: () => uptime, startOf: () => start }).approvals
    const told = (approvals: Approvals) => approvals.ofCall(call, requester, at(60)).map(({ state }) => state)
    expect(told(after(30, null))).toEqual(['held'])
    expect([told(after(30, 'boot')), told(after(90, null))]).toEqual([[], []]) // it runs; it ended without the machine
    // Where no system tells when a process started, another may have its number by now.
    const other = newPlace()
    openApprovals(other, { startOf: () => 'alive' }).approvals.ask(aQuestion(), 7, at(0))
    const reused = openApprovals(other, { uptime: () => 30, startOf: () => 'alive' }).approvals
    expect(told(reused)).toEqual(['held'])
    const down = after(30, null)
    expect([down.waiting(at(60)), down.answer(id, anApproval(aQuestion()), at(60))]).toEqual([[], 'over'])
  })

  it('given a denial, the question is over for approvals, uses and other denials', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    const yes = anApproval(aQuestion())
    approvals.answer(id, yes, at(4))
    expect(approvals.answer(id, aDenial(id), at(5))).toBe('taken')
    expect(approvals.answer(id, aDenial(id), at(6))).toBe('over')
    expect(approvals.answer(id, yes, at(6))).toBe('over')
    expect([approvals.claim(id, BY, at(6)), approvals.queue(id, at(6))]).toEqual([false, false])
    expect(approvals.waiting(at(6))).toEqual([])
    expect(approvals.get(id, at(6))).toEqual(stored({ state: 'denied', answers: [yes, aDenial(id)] }))
  })

  it.each([
    ['half of a surrogate pair', '\ud800', '\ufffd'],
    ['too many words', 'x'.repeat(100_000), 'x'.repeat(4000)],
  ])('given a denial with %s, it denies, and what can be told is', (_title, message, told) => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    expect(approvals.answer(id, aDenial(id, message), at(5))).toBe('taken')
    expect(approvals.get(id, at(6))).toEqual(stored({ state: 'denied', answers: [aDenial(id, told)] }))
  })

  it('given what is no receipt, throws and keeps nothing', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    const yes = anApproval(aQuestion(), { kind: 'key', key: 'k'.repeat(20_000), signature: 's' })
    expect(() => approvals.answer(id, yes, at(5))).toThrow('this is no answer')
    expect(approvals.get(id, at(6))).toEqual(stored())
  })

  it('given an answer to nothing, or to another question, it is unknown', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    expect(approvals.answer(idOf(2), aDenial(idOf(2)), at(5))).toBe('unknown')
    expect(approvals.answer(id, anApproval(aQuestion({ approval: idOf(2) })), at(5))).toBe('unknown')
    expect(approvals.answer(id, aDenial(idOf(2)), at(5))).toBe('unknown')
    expect(approvals.get(id, at(6))).toEqual(stored())
  })

  it('given the end of `answerBy`, a yes comes too late and a no does not', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    approvals.queue(id, at(45))
    const key = { kind: 'key', key: 'k', signature: 's' } as const
    const [last, late] = [anApproval(aQuestion()), anApproval(aQuestion(), key)]
    expect(approvals.answer(id, last, new Date(at(300).getTime() - 1))).toBe('taken')
    expect([idsOf(approvals.waiting(at(300))), approvals.answer(id, late, at(300))]).toEqual([[], 'over'])
    expect(approvals.get(id, at(300))).toEqual(stored({ state: 'queued', answers: [last] }))
    expect(approvals.answer(id, aDenial(id), at(300))).toBe('taken')
    expect(approvals.claim(id, BY, at(300))).toBe(false)
  })

  it('given more than anybody can want, the rest is not taken', () => {
    const { approvals } = openApprovals(newPlace())
    approvals.ask(aQuestion(), 7, at(0))
    const said = Array.from({ length: 202 }, (_each, number) =>
      approvals.answer(id, anApproval(aQuestion(), { kind: 'key', key: 'k', signature: `${number}` }), at(5)),
    )
    expect([said.lastIndexOf('taken'), said.indexOf('over')]).toEqual([49, 50])
    expect(approvals.answer(id, aDenial(id), at(6))).toBe('taken')
    expect(approvals.get(id, at(6))?.state).toBe('denied')
  })
})

describe('a claim', () => {
  it('given a held and a queued one, each passes once; what became of it is noted once', () => {
    const place = newPlace()
    const [one, other] = [openApprovals(place).approvals, openApprovals(place).approvals]
    one.ask(aQuestion(), 7, at(0))
    one.ask(aQuestion({ approval: idOf(2) }), 7, at(0))
    one.queue(idOf(2), at(1))
    expect([one.claim(id, BY, at(2)), other.claim(id, BY, at(2)), one.claim(id, BY, at(2))]).toEqual([
      true,
      false,
      false,
    ])
    expect(other.claim(idOf(2), { session: 'other', exchange: 1 }, at(600 - 1))).toBe(true)
    const claim = { ...BY, at: at(2), outcome: 'unknown' } as const
    expect(other.get(id, at(3))).toEqual(stored({ state: 'used', claim }))
    expect(other.answer(id, aDenial(id), at(3))).toBe('over')
    expect([other.withdraw(id, '', at(3)), other.queue(id, at(3)), idsOf(other.waiting(at(3)))]).toEqual([
      false,
      false,
      [],
    ])
    one.settle(id, 'answered', at(4))
    other.settle(id, 'not-sent', at(5))
    expect(other.get(id, at(5))).toEqual(stored({ state: 'used', claim: { ...claim, outcome: 'answered' } }))
  })

  it('given a withdrawn, denied, expired or unknown one, it does not pass', () => {
    const { approvals } = openApprovals(newPlace())
    for (const number of [1, 2, 3]) approvals.ask(aQuestion({ approval: idOf(number) }), 7, at(0))
    approvals.withdraw(idOf(1), '', at(1))
    approvals.answer(idOf(2), aDenial(idOf(2)), at(1))
    expect([1, 2, 4].map((number) => approvals.claim(idOf(number), BY, at(2)))).toEqual([false, false, false])
    expect(approvals.claim(idOf(3), BY, at(600))).toBe(false)
    approvals.settle(idOf(3), 'answered', at(600))
    expect(approvals.get(idOf(3), at(600))).toMatchObject({
      state: 'withdrawn',
      why: 'its time is over',
      claim: null,
    })
  })
})

describe('questions of a call', () => {
  it('given the same call by the same requester on this device: what is queued, denied or used, the newest first', () => {
    const { approvals } = openApprovals(newPlace())
    const put = (number: number, members: Parameters<typeof aQuestion>[0] = {}) =>
      approvals.ask(
        aQuestion({ approval: idOf(number), asked: at(number).toISOString(), ...members }),
        7,
        at(9),
      )
    for (const number of [1, 2, 3, 4, 5]) put(number)
    put(6, { call: sha256('other') })
    put(7, { requester: { ...ANA, sub: 'bob' } })
    put(8, { requester: { ...ANA, issuer: 'https://other.example' } })
    put(9, { device: 'ed25519:B' })
    for (const number of [2, 3, 4, 6, 7, 8, 9]) approvals.queue(idOf(number), at(10))
    approvals.answer(idOf(3), aDenial(idOf(3)), at(10))
    approvals.claim(idOf(4), BY, at(10))
    approvals.withdraw(idOf(5), '', at(10))
    const found = approvals.ofCall(sha256('call'), ANA, at(11))
    expect(found.map(({ question, state }) => [question.approval, state])).toEqual([
      [idOf(4), 'used'],
      [idOf(3), 'denied'],
      [idOf(2), 'queued'],
    ])
    expect(idsOf(approvals.ofCall(sha256('other'), ANA, at(11)))).toEqual([idOf(6)])
    expect(approvals.ofCall(sha256('call'), ANA, at(600))).toEqual([])
  })
})
