import type { Challenged, Question, Receipt, ReceiptProof, Remembering } from '../../approval.ts'
import { callDigest, challengeOf } from '../../call-digest.ts'
import { laterBy } from '../../instant.ts'
import { valueAt } from '../../json-spans.ts'

/** What somebody says yes to. */
export interface Yes {
  readonly question: Question
  readonly state: 'held' | 'queued'
  /** The JSON text of the arguments that are to be sent; null: the model's own. */
  readonly edited: string | null
  readonly remember: Remembering | null
}

/** Makes the question as it would be with other arguments: the same question about another call. */
export function withArguments(question: Question, args: string): Question {
  const span = valueAt(question.params, ['arguments'])
  const params =
    span === undefined
      ? `${question.params.trimEnd().slice(0, -1)},"arguments":${args}}`
      : question.params.slice(0, span.start) + args + question.params.slice(span.end)
  return { ...question, params }
}

/** Bounds an answer that is to cover the same call again. */
export function remembering(
  { count, forMs }: { readonly count: number; readonly forMs: number },
  now: Date,
): Remembering {
  return { count, until: laterBy(now, forMs).toISOString() }
}

/** Computes the challenge of a yes, from the bytes that were shown: what arrived is not looked at. */
export function challengeFor(yes: Omit<Yes, 'state'>): string {
  return challengeOf(challenged(yes))
}

/** Makes the receipt of a yes. @param at when it was given */
export function makeReceipt(yes: Yes, proof: ReceiptProof, at: Date): Receipt {
  const { question, state, edited, remember } = yes
  const { session, requester } = question
  const { call, approval, device, random, expires } = challenged(yes)
  return {
    format: 'hoopctl-approval/1',
    answer: 'approve',
    call,
    approval,
    device,
    random,
    expires,
    binds: state === 'held' ? { session } : { requester: { issuer: requester.issuer, sub: requester.sub } },
    edited: edited === null ? null : { arguments: edited },
    remember,
    at: at.toISOString(),
    proof,
  }
}

function challenged({ question, edited, remember }: Omit<Yes, 'state'>): Challenged {
  const { approval, device, random, expires } = question
  const call = callDigest(edited === null ? question : withArguments(question, edited))
  const change = edited === null ? null : { arguments: edited }
  return { call, approval, device, random, expires, remember, edited: change }
}
