import type { IdentitySettings } from '../identity-settings.ts'
import type { Person } from './policy.ts'
import type { ProblemList } from './problem-list.ts'

/**
 * Looks for people who never sign in as they are written: whoever asks would not be known as the owner of the key that
 * answers, and `notSelf` would keep nobody out.
 */
export function checkPeople(
  people: readonly Person[],
  identity: IdentitySettings | null,
  problems: ProblemList,
): void {
  const home = identity?.issuer ?? 'local'
  people.forEach(({ issuer }, index) => {
    if (issuer === home) return
    const message = `nobody asks as somebody of \`${issuer}\`, so nobody sees whether this person answers themselves`
    const hint = identity === null ? 'without `identity` people are of `local`' : `write \`${home}\``
    problems.warn(problems.offset(['people', index, 'issuer']), message, hint)
  })
}
