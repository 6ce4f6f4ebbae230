import type { Question } from '../../approval.ts'
import { parseJson } from '../../json-parse.ts'
import type { RememberedAnswer, StoredQuestion } from '../../state/approvals.ts'
import { shorten, visible } from '../../visible.ts'
import { durationInWords } from '../duration.ts'
import { grantsAsked, isAboutGrants } from './own-grants.ts'

/** What waits for a person on this machine, and what a person's answer still covers. */
export interface OpenApprovals {
  readonly waiting: readonly StoredQuestion[]
  readonly remembered: readonly RememberedAnswer[]
}

/** Makes the rows of `status --json`. */
export function approvalRows({ waiting, remembered }: OpenApprovals): object[] {
  return [
    ...waiting.map(({ question, state, answers }) => ({
      approval: question.approval,
      state,
      server: question.label,
      what: whatOf(question),
      subject: question.requester,
      asked: question.asked,
      answerBy: question.answerBy,
      answers: answers.length,
    })),
    ...remembered.map(({ approval, label, what, left, until }) => ({
      approval,
      state: 'remembered',
      server: label,
      what,
      left,
      until: until.toISOString(),
    })),
  ]
}

/** Tells a person in one line each what waits and what is remembered. */
export function approvalLines({ waiting, remembered }: OpenApprovals, now: Date): string[] {
  return [
    ...waiting.map((one) => waitingLine(one, now)),
    ...remembered.map(({ approval, label, what, left, until }) => {
      const time = durationInWords(Math.max(0, until.getTime() - now.getTime()))
      const about = `${visible(what)} on ${visible(label)}`
      return `${about}: an answer is remembered for ${left} more, for ${time}, by the answer to ${approval}; end it in: hoopctl approve`
    }),
  ]
}

function waitingLine(one: StoredQuestion, now: Date): string {
  const { question, state } = one
  const { approval, label, answerBy } = question
  const what = `${visible(whatOf(question))} on ${visible(label)}`
  if (state === 'queued' && isAnswered(one, now))
    return `${what}, answered (${approval}): passes when the model repeats the call`
  const left = durationInWords(Math.max(0, new Date(answerBy).getTime() - now.getTime()))
  return `${what}, ${left} left to answer: hoopctl approve ${approval}`
}

// As far as can be told by counting: whether those who answered are enough is seen when the call comes again.
function isAnswered({ question, answers }: StoredQuestion, now: Date): boolean {
  const { each, validMs } = question.demand
  const live = answers.filter(
    (answer) => answer.kind === 'approve' && now.getTime() < Date.parse(answer.receipt.at) + validMs,
  )
  return live.length >= Math.max(1, ...each.map(({ count }) => count))
}

/** Names what a question is about. */
export function whatOf({ method, params }: Pick<Question, 'method' | 'params'>): string {
  if (isAboutGrants({ method })) return grantsAsked({ params }) ?? method
  const read = parseJson(params)
  const about = typeof read === 'object' && read !== null ? read : {}
  const name: unknown = Reflect.get(about, 'name') ?? Reflect.get(about, 'uri')
  return typeof name === 'string' ? shorten(name) : method
}
