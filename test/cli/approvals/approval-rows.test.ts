import { expect, it } from 'vitest'
import { approvalLines } from '../../../src/cli/approvals/approval-rows.ts'
import type { StoredQuestion } from '../../../src/state/approvals.ts'
import { anApproval, aQuestion, DEMAND, idOf } from '../../state/a-question.ts'
import { at } from '../../state/a-state.ts'

const id = idOf(1)
const WAITS = `write on orders, 4m left to answer: hoopctl approve ${id}`

/** A question that wants so many people, and who said yes twenty seconds after noon. */
function lineOf({ people = 1, yes = 0, seconds = 60, state = 'queued' as StoredQuestion['state'] }) {
  const each = [{ by: null, notSelf: false, count: people, rule: 'rules[0]' }]
  const question = aQuestion({ demand: { ...DEMAND, each, validMs: 100_000 } })
  const answers = Array.from({ length: yes }, () => anApproval(question))
  const waiting = [{ question, state, pid: 7, answers, claim: null, why: null }]
  return approvalLines({ waiting, remembered: [] }, at(seconds))[0]
}

it('given a queued call that was answered, says that it passes when it comes again', () => {
  const answered = `write on orders, answered (${id}): passes when the model repeats the call`
  expect(lineOf({ yes: 1 })).toBe(answered)
  expect(lineOf({ yes: 2, people: 2 })).toBe(answered)
})

it.each([
  ['nobody has answered', {}],
  ['too few have answered', { yes: 1, people: 2 }],
  ['that is held, and about to be sent', { yes: 1, state: 'held' }],
] as const)('given one that %s, says how long it may be answered', (_given, how) => {
  expect(lineOf(how)).toBe(WAITS)
})

it('given an answer that has grown too old, waits for another', () => {
  expect(lineOf({ yes: 1, seconds: 120 })).toBe(WAITS.replace('4m', '3m'))
})

it('given an answer that is remembered, says whose question it was', () => {
  const session = 'S'
  const one = { approval: id, session, call: 'c', label: 'orders', what: 'write', left: 2, until: at(60) }
  expect(approvalLines({ waiting: [], remembered: [one] }, at(0))).toEqual([
    `write on orders: an answer is remembered for 2 more, for 1m, by the answer to ${id}; end it in: hoopctl approve`,
  ])
})
