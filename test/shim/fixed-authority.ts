import type { Policy } from '../../src/policy/policy.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import type { Authority, Standing } from '../../src/shim/standing.ts'

/** What holds for alice of this machine under a policy: its rules, and nothing that ever changes. */
export function fixedStanding(policy: Policy): Standing {
  const rules = rulesInForce(policy, null)
  return {
    policy,
    subject: { issuer: 'local', sub: 'alice', email: null, groups: [], kind: 'human', claims: {} },
    grants: [],
    rules,
    listed: rules,
    possible: rules,
    blocked: null,
    until: null,
    cause: 'start',
  }
}

/** Says the same of every moment. */
export function fixedAuthority(policy: Policy): Authority {
  const standing = fixedStanding(policy)
  return {
    current: () => standing,
    use: () => true,
    helpFor: () => null,
    onChange: () => () => undefined,
    ready: policy.ready,
  }
}
