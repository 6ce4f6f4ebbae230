import type { Question } from '../../approval.ts'
import { askedGrants } from '../../grant-question.ts'
import { laterBy } from '../../instant.ts'
import { newChallenge } from '../../new-challenge.ts'
import { activateRef, grantDemand } from '../../policy/grant-demand.ts'
import type { Grant } from '../../policy/policy.ts'
import type { Subject } from '../../subject.ts'
import type { PolicyInForce } from '../asker.ts'

/** What other people are asked about grants. */
export interface AskedGrants {
  /** All on one server, with the same terms. */
  readonly grants: readonly Grant[]
  /** The text of what is asked for. */
  readonly request: string
  readonly subject: Subject
  readonly inForce: PolicyInForce
  /** The public key of this device. */
  readonly device: string
  /** What its answers are bound to: they count in no other run. */
  readonly run: string
  /** hoopctl's own version. */
  readonly version: string
  /** Names of the grants that are active already. */
  readonly active: readonly string[]
}

/** Makes the question that other people are asked about grants. @param now when the request was written */
export function grantQuestion(asked: AskedGrants, server: string, now: Date): Question {
  const { grants, request, subject, inForce, device, run, version, active } = asked
  const { name, version: number, digest, signed } = inForce.policy
  const { issuer, sub, email, groups, kind } = subject
  const demand = grantDemand(grants)
  const call = askedGrants(request, server, subject)
  const answerBy = laterBy(now, demand.timeoutMs)
  return {
    format: 'hoopctl-question/1',
    ...call,
    ...newChallenge(call, device, laterBy(answerBy, demand.validMs)),
    asked: now.toISOString(),
    heldUntil: answerBy.toISOString(),
    answerBy: answerBy.toISOString(),
    session: run,
    policy: { key: inForce.key, name, version: number, digest, signed },
    label: server,
    definitionText: null,
    demand,
    rules: grants.map((grant) => activateRef(grant.name)),
    // The person's reason is in the params: webhooks are told nothing of those.
    reasons: [],
    claims: {
      subject: { issuer, sub, email, groups, kind },
      client: { name: 'hoopctl request', version },
      grants: active,
      calls: 0,
      earlier: [],
      note: null,
    },
  }
}
