import type { ExportedCall } from './exported-call.ts'
import { NO_CIRCUMSTANCES, NO_SESSION } from './read-facts.ts'

/** An exchange of which nothing is known: what has its members, in their order. */
export const NO_CALL: ExportedCall = {
  session: NO_SESSION,
  circumstances: NO_CIRCUMSTANCES,
  asked: {
    seq: null,
    exchange: null,
    at: null,
    from: null,
    method: null,
    tool: null,
    resource: null,
    prompt: null,
    task: null,
    effect: null,
    rules: [],
    why: null,
    requestBytes: null,
    requestSha256: null,
    arguments: null,
  },
  ended: {
    outcome: 'unanswered',
    outcomeWhy: null,
    approval: null,
    approvalState: null,
    approvers: [],
    proofs: [],
    edited: null,
    answeredAt: null,
    tookUs: null,
    isError: null,
    resultBytes: null,
    resultSha256: null,
  },
  answer: null,
}
