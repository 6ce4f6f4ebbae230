import type { Policy } from '../policy/policy.ts'
import type { Subject } from '../subject.ts'
import type { PolicyFeed, PolicyNow, SubjectFeed } from './feeds.ts'

const never = () => () => undefined

/** A policy file of this person, which is read once: it holds as it was at the start, until it ends. */
export function filePolicy(policy: Policy, path: string, now: () => Date): PolicyFeed {
  const held: PolicyNow = {
    policy,
    key: `file:${path}`,
    blocked: null,
    ends: policy.expires,
    refreshes: null,
  }
  const help = `A person can write a newer one in place of ${path}, and then restart the client`
  const ended: PolicyNow = { ...held, blocked: { why: 'the policy has ended', help }, ends: null }
  const { expires } = policy
  return {
    current: () => (expires !== null && now() >= expires ? ended : held),
    onChange: never,
  }
}

/** The subject of a policy that asks nobody to sign in. */
export function osUser(subject: Subject): SubjectFeed {
  const now = { subject, blocked: null, ends: null }
  return { current: () => now, onChange: never }
}

/** Nobody, for as long as this session lasts, and why. */
export function nobody(why: string): SubjectFeed {
  const help = 'A person can mend that, and then restart the client'
  const now = { subject: null, blocked: { why, help }, ends: null }
  return { current: () => now, onChange: never }
}
