import type { Policy } from '../policy/policy.ts'
import { grantNames, rulesInForce } from '../policy/rules-in-force.ts'
import type { Subject } from '../subject.ts'
import type { Authority, Standing } from './standing.ts'

/** Says of every moment what holds under an unsigned local policy, which is read once: all of it, for the OS user. */
export function localAuthority(
  policy: Policy,
  server: string | null,
  subject: Subject,
  started: Date,
): Authority {
  const rules = rulesInForce(policy, server)
  const standing: Standing = {
    policy,
    subject,
    grants: grantNames(policy, server).map((name) => {
      return { name, mode: 'session', started, expires: null, reason: null }
    }),
    rules,
    listed: rules,
    possible: rules,
    blocked: null,
    until: null,
    cause: 'start',
  }
  return {
    current: () => standing,
    use: () => true,
    helpFor: () => null,
    onChange: () => () => undefined,
    ready: policy.ready,
  }
}
