import type { AskedCall, Demand, Question } from '../approval.ts'
import type { Decision } from '../decision.ts'
import { laterBy } from '../instant.ts'
import { newChallenge } from '../new-challenge.ts'
import type { Asked } from './held-calls.ts'
import { paramsText } from './read-request.ts'
import type { Shim } from './shim.ts'

/** Describes a call as answers to a question about it are bound to it. */
export function askedCall({ message, matter }: Asked, shim: Shim): AskedCall {
  const { subject } = shim.standing
  const { call } = matter
  return {
    server: shim.server.identity,
    definition: call.kind === 'tool' ? (shim.definitions.get(call.name)?.digest ?? null) : null,
    method: message.method,
    params: paramsText(message.text),
    requester: { issuer: subject?.issuer ?? '', sub: subject?.sub ?? '' },
  }
}

/** Makes the question that people are asked about a call. @param note something that they should know beside it */
export function newQuestion(
  asked: Asked,
  call: AskedCall,
  { decision, demand, note }: { decision: Decision; demand: Demand; note: string | null },
  device: string,
  shim: Shim,
): Question {
  const now = shim.clock.now()
  const heldUntil = laterBy(now, demand.waitMs)
  const answerBy = demand.onTimeout === 'queue' ? laterBy(now, demand.timeoutMs) : heldUntil
  return {
    format: 'hoopctl-question/1',
    ...call,
    ...newChallenge(call, device, laterBy(answerBy, demand.validMs)),
    asked: now.toISOString(),
    heldUntil: heldUntil.toISOString(),
    answerBy: answerBy.toISOString(),
    session: shim.log.session,
    policy: policyOf(shim),
    label: shim.server.label,
    definitionText: definitionOf(asked, shim),
    demand,
    rules: decision.rules,
    reasons: decision.reasons,
    claims: claimsOf(asked, note, shim),
  }
}

function policyOf({ standing }: Shim): Question['policy'] {
  const { name, version, digest, signed } = standing.policy
  return { key: standing.key, name, version, digest, signed }
}

function definitionOf({ matter: { call } }: Asked, shim: Shim): string | null {
  return call.kind === 'tool' ? (shim.definitions.get(call.name)?.text ?? null) : null
}

function claimsOf({ exchange }: Asked, note: string | null, shim: Shim): Question['claims'] {
  const { standing, progress, held } = shim
  const { issuer = '', sub = '', email = null, groups = [], kind = 'human' } = standing.subject ?? {}
  return {
    subject: { issuer, sub, email, groups, kind },
    client: exchange.client,
    grants: standing.grants.map(({ name }) => name),
    // This call was counted and noted when it was decided.
    calls: progress.calls - 1,
    earlier: held.earlier.slice(0, -1),
    note,
  }
}
