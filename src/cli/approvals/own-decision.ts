import type { Question } from '../../approval.ts'
import type { Call, Decision, ToolAnnotations } from '../../decision.ts'
import { parseJson } from '../../json-parse.ts'
import { readCall } from '../../policy/call-text.ts'
import { decide } from '../../policy/decide.ts'
import type { Policy } from '../../policy/policy.ts'
import { rulesInForce } from '../../policy/rules-in-force.ts'
import { annotationsOf } from '../../tool-annotations.ts'

/** What a question is about, as a decision needs it; null where its method is not one that rules speak of. */
export function callOf({ method, params, definitionText }: Question): Call | null {
  const written = readCall(`{"method":${JSON.stringify(method)},"params":${params}}`)
  if (written.kind !== 'call') return null
  const { call } = written
  return call.kind === 'tool' ? { ...call, annotations: annotationsIn(definitionText) } : call
}

/**
 * Decides a call anew, by a policy of whoever answers. The requester's word is taken for who asks and for the grants that
 * are active: the shim that asks decides again before it sends anything.
 */
export function ownDecision(call: Call, question: Question, policy: Policy, now: Date): Decision {
  const { server, session, claims } = question
  const { subject, client, grants, calls } = claims
  return decide(call, rulesInForce(policy, server.name, grants), {
    subject: { ...subject, claims: {} },
    client,
    server: server.name,
    session: { id: session, calls },
    now,
  })
}

function annotationsIn(definitionText: string | null): ToolAnnotations | null {
  if (definitionText === null) return null
  try {
    return annotationsOf(parseJson(definitionText))
  } catch {
    return null // that it is no JSON is told as a fault of the question
  }
}
