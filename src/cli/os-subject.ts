import type { Subject } from '../subject.ts'

/** The subject of a policy that asks nobody to sign in: the OS user, without groups. */
export function osSubject(user: string): Subject {
  return { issuer: 'local', sub: user, email: null, groups: [], kind: 'human', claims: {} }
}
