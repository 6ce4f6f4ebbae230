import { describe, expect, it } from 'vitest'
import { Approvals } from '../../src/state/approvals.ts'
import { ClockMark } from '../../src/state/clock-mark.ts'
import { Events } from '../../src/state/events.ts'
import { sealKeyIn } from '../fixtures/state/seal-key.ts'
import { aDenial, ANA, anApproval, aQuestion, idOf, openApprovals } from './a-question.ts'
import { at, edit, newPlace, open } from './a-state.ts'

const BY = { session: '01SESSION', exchange: 5 }
const [id, second] = [idOf(1), idOf(2)]
const WHY = 'its seal does not fit: it was edited, or not written by hoopctl on this device'

describe('an edited question', () => {
  const EDITS = [
    `call = '${'0'.repeat(64)}'`,
    `asked = '2026-11-05T12:00:00.001Z'`,
    `expires = '2027-11-05T12:00:00.000Z'`,
    `question = replace(question, 'orders', 'stocks')`,
    `question = '{'`,
    `state = 'held'`,
    `pid = '8'`,
    `mark = 'later'`,
    `deadline = '1e300'`,
    `why = 'x'`,
    `claim = '{"session":"x","exchange":1,"at":"2026-11-05T12:00:00.000Z","outcome":"answered"}'`,
    `seal = ''`,
    `seal = upper(seal)`,
  ]

  it.each(EDITS)(
    '[ATK-EDITED-STATE] given %s, it cannot be used, is told of once, and others stay',
    (set) => {
      const place = newPlace()
      const { approvals, refused, state } = openApprovals(place)
      for (const each of [id, second]) {
        approvals.ask(aQuestion({ approval: each }), 7, at(0))
        approvals.queue(each, at(1))
      }
      edit(place, `UPDATE questions SET ${set} WHERE id = '${id}'`)
      expect(approvals.get(id, at(2))).toBeNull()
      expect([approvals.claim(id, BY, at(2)), approvals.claim(second, BY, at(2))]).toEqual([false, true])
      expect(approvals.waiting(at(2))).toEqual([])
      expect(refused).toEqual([{ id, why: WHY }])
      const event = { id: 1, kind: 'refused-approval', at: at(2), fields: { id, why: WHY } }
      expect(new Events(state).since(0)).toEqual([event])
    },
  )

  it('[ATK-EDITED-STATE] given one that was given another id, it is neither', () => {
    const place = newPlace()
    const { approvals, refused } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    edit(place, `UPDATE questions SET id = '${second}'`)
    expect(approvals.waiting(at(1))).toEqual([])
    expect([approvals.get(id, at(1)), approvals.claim(second, BY, at(1))]).toEqual([null, false])
    expect(refused).toEqual([{ id: second, why: WHY }])
  })

  it('[ATK-EDITED-STATE] given a used one whose row is edited, removed or put back as it was, it is never claimed again', () => {
    for (const how of [
      `UPDATE questions SET state = 'queued', claim = NULL`,
      'DELETE FROM questions',
      'DELETE FROM questions; INSERT INTO questions SELECT * FROM before',
    ]) {
      const place = newPlace()
      const { approvals, refused } = openApprovals(place)
      approvals.ask(aQuestion(), 7, at(0))
      edit(place, 'CREATE TABLE before AS SELECT * FROM questions')
      expect(approvals.claim(id, BY, at(1))).toBe(true)
      edit(place, how)
      expect([approvals.waiting(at(2)), approvals.get(id, at(2))]).toEqual([[], null])
      expect(refused).toEqual(how === 'DELETE FROM questions' ? [] : [{ id, why: WHY }])
      expect(approvals.claim(id, BY, at(2))).toBe(false)
      expect(openApprovals(place).approvals.claim(id, BY, at(2))).toBe(false)
      expect(() => approvals.ask(aQuestion(), 7, at(2))).toThrow('was put before')
    }
  })

  it('[ATK-EDITED-STATE] given a used one whose mark is removed, it is not claimed again', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    approvals.claim(id, BY, at(1))
    edit(place, 'DELETE FROM claims')
    expect([approvals.claim(id, BY, at(2)), approvals.get(id, at(2))?.state]).toEqual([false, 'used'])
  })

  it('[ATK-EDITED-STATE] given a denied one whose row is put back, or whose denial is removed, it stays denied', () => {
    for (const how of [
      'DELETE FROM questions; INSERT INTO questions SELECT * FROM before',
      'DELETE FROM answers',
    ]) {
      const place = newPlace()
      const { approvals } = openApprovals(place)
      approvals.ask(aQuestion(), 7, at(0))
      edit(place, 'CREATE TABLE before AS SELECT * FROM questions')
      approvals.answer(id, aDenial(id), at(1))
      edit(place, how)
      expect([approvals.get(id, at(2))?.state, approvals.claim(id, BY, at(2))]).toEqual(['denied', false])
    }
  })

  it('[ATK-EDITED-STATE] given the state of another device, nothing of it counts', () => {
    const place = newPlace()
    openApprovals(place).approvals.ask(aQuestion(), 7, at(0))
    const other = openApprovals({ ...newPlace(), state: place.state, run: place.run })
    expect([other.approvals.waiting(at(1)), other.refused]).toEqual([[], [{ id, why: WHY }]])
  })

  it('[ATK-EDITED-STATE] given a table that does not forbid other values, they are refused like any edit', () => {
    const place = newPlace()
    const { approvals, refused } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    edit(place, 'CREATE TABLE loose AS SELECT * FROM questions; DROP TABLE questions')
    edit(place, `ALTER TABLE loose RENAME TO questions; UPDATE questions SET pid = x'00', deadline = 1e300`)
    expect([approvals.get(id, at(1)), refused.length]).toEqual([null, 1])
    edit(place, 'DROP TABLE questions')
    expect(() => approvals.waiting(at(1))).toThrow('no such table: questions')
    expect(() => approvals.claim(id, BY, at(1))).toThrow('no such table: questions')
  })
})

describe('answers that somebody wrote', () => {
  const insert = (answer: string, approval = id) =>
    `INSERT INTO answers (approval, proof, answer) VALUES ('${approval}', '${Math.random()}', ${answer})`

  it('given rows that are no answers, too long ones, and answers to something else, they are passed over', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    const yes = anApproval(aQuestion())
    approvals.ask(aQuestion(), 7, at(0))
    const text = JSON.stringify(yes)
    edit(place, insert(`'{}'`))
    edit(place, insert(`'${text}x'`))
    edit(place, insert(`'${text.replace('"remember":null', '"remember":null,"more":1')}'`))
    edit(place, insert(`'${text}' || char(0) || CAST(zeroblob(${13 * 1024 ** 2}) AS TEXT)`))
    edit(place, insert(`'${JSON.stringify(aDenial(second))}'`))
    approvals.answer(id, yes, at(1))
    expect(approvals.get(id, at(2))).toMatchObject({ state: 'held', answers: [yes] })
    edit(place, insert(`'${text}'`))
    expect(approvals.get(id, at(2))).toMatchObject({ state: 'held', answers: [yes, yes] }) // their proof is one all the same
  })

  it('given a denial, it counts: it can only withhold', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    approvals.ask(aQuestion(), 7, at(0))
    edit(place, insert(`'${JSON.stringify(aDenial(id))}'`))
    expect([approvals.get(id, at(1))?.state, approvals.claim(id, BY, at(1))]).toEqual(['denied', false])
  })

  it('given rows that are written over or removed, what was read before counts no more', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    const [yes, other] = [
      anApproval(aQuestion()),
      anApproval(aQuestion(), { kind: 'key', key: 'k', signature: 's' }),
    ]
    const answers = () => approvals.get(id, at(2))?.answers
    approvals.ask(aQuestion(), 7, at(0))
    approvals.answer(id, yes, at(1))
    const seen = [answers()]
    edit(place, `UPDATE answers SET answer = '${JSON.stringify(other)}'`)
    seen.push(answers())
    edit(place, 'DELETE FROM answers')
    expect([...seen, answers()]).toEqual([[yes], [other], []])
  })

  it('given one that was there before the question, it answers nothing', () => {
    const place = newPlace()
    const { approvals } = openApprovals(place)
    edit(place, insert(`'${JSON.stringify(anApproval(aQuestion()))}'`))
    approvals.ask(aQuestion(), 7, at(0))
    expect(approvals.get(id, at(1))?.answers).toEqual([])
  })
})

it('given nothing that changed, verifies no seal again; given a change of one question, only its seal', () => {
  const place = newPlace()
  const [state, other] = [open(place), openApprovals(place).approvals]
  const key = sealKeyIn(place.root)
  let verified = 0
  const verify: typeof key.verify = (bytes, seal) => {
    verified += 1
    return key.verify(bytes, seal)
  }
  const needs = { key: { ...key, verify }, clock: new ClockMark(state), startOf: () => 'boot' }
  const approvals = new Approvals(state, needs)
  const look = () => {
    verified = 0
    approvals.get(id, at(1))
    approvals.waiting(at(1))
    approvals.ofCall(aQuestion().call, ANA, at(1))
    return verified
  }
  for (const each of [id, second]) other.ask(aQuestion({ approval: each }), 7, at(0))
  const seen = [look(), look()]
  other.queue(id, at(1))
  expect([...seen, look(), look()]).toEqual([2, 0, 1, 0])
  approvals.withdraw(second, 'by this process', at(1))
  expect(approvals.waiting(at(1)).map(({ question }) => question.approval)).toEqual([id])
})
