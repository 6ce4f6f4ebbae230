import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { Standing } from '../../src/shim/standing.ts'
import { type Bench, benchOfOne } from './bench-of-one.ts'
import { ChangingAuthority } from './fixed-authority.ts'

const POLICY = `
rules:
  - allow: { tool: [read, write] }
  - allow: { resource: "file:///docs/**" }`
const NOTHING = { layers: [], caseSensitiveArguments: false }
/** Why nothing holds, and what to type. */
export const BLOCKED = { why: 'nobody is signed in', help: 'A person can sign in with: hoopctl login' }
/** What holds where nobody is signed in. */
export const SIGNED_OUT = { subject: null, rules: NOTHING, listed: NOTHING, blocked: BLOCKED }
const alice = { issuer: 'https://id.example', sub: 'alice', email: null, groups: [], claims: {} }
/** Two people of one provider. */
export const ALICE = { ...alice, kind: 'human' } as const
export const BOB = { ...ALICE, sub: 'bob' }

/** Sets one shim up under an authority that the test changes; `signedIn` is what holds for alice. */
export async function changing(
  first: (policy: Policy) => Partial<Standing>,
  policy = POLICY,
): Promise<{ bench: Bench; authority: ChangingAuthority; signedIn: Partial<Standing> }> {
  const made: { authority?: ChangingAuthority; signedIn?: Partial<Standing> } = {}
  const bench = await benchOfOne(policy, {
    authority: (loaded) => {
      const rules = rulesInForce(loaded, null)
      made.signedIn = { subject: ALICE, rules, listed: rules, blocked: null, cause: 'sign-in' }
      made.authority = new ChangingAuthority(loaded, first(loaded))
      return made.authority
    },
  })
  const { authority, signedIn } = made
  if (authority === undefined || signedIn === undefined) throw new Error('no authority was asked for')
  return { bench, authority, signedIn }
}
