import { userInfo } from 'node:os'
import { HoopctlError } from '../errors.ts'
import { subjectOf } from '../policy/subject-of.ts'
import type { SignIn } from '../sign-in.ts'
import type { Subject } from '../subject.ts'
import { visible } from '../visible.ts'
import { policyInForce } from './asker.ts'
import type { Context } from './context.ts'
import { jsonLine } from './json.ts'
import { osSubject } from './os-subject.ts'
import { signInUnder } from './sign-in-under.ts'

/** Who somebody is under the policy in force. */
export type Who =
  | {
      readonly counts: true
      readonly subject: Subject
      /** When the claims count no longer unless the provider answers again; null: always. */
      readonly expires: Date | null
      readonly store: SignIn['store']
    }
  | {
      readonly counts: false
      readonly signIn: SignIn
      readonly why: string
      readonly hint: string
      /** There is no policy yet: the sign-in comes first where the policy lies behind a role. */
      readonly isEarly: boolean
    }

/** Prints who the policy takes this person for. Throws NOT_SIGNED_IN where it is nobody. */
export async function whoami(
  { policy: named, json }: { readonly policy: string | undefined; readonly json: boolean },
  context: Context,
): Promise<void> {
  const { policy } = await policyInForce(named, context)
  const who: Who =
    policy.identity === null
      ? { counts: true, subject: osSubject(userInfo().username), expires: null, store: null }
      : await whoIs(await signInUnder(policy.identity, context), named, context)
  if (!who.counts) throw new HoopctlError('NOT_SIGNED_IN', who.why, { hint: who.hint })
  context.stdout.write(json ? jsonLine(subjectRow(who)) : `${subjectLines(who).join('\n')}\n`)
}

/** Says who a sign-in is under the policy in force; where there is none, or it asks for another sign-in, why it does not count. */
export async function whoIs(signIn: SignIn, named: string | undefined, context: Context): Promise<Who> {
  try {
    const { policy } = await policyInForce(named, context)
    if (policy.identity === null) return noUse(signIn, `the policy \`${policy.name}\` asks nobody to sign in`)
    const found = subjectOf(signIn, policy)
    if (!found.ok) return { counts: false, signIn, why: found.why, hint: found.hint, isEarly: false }
    const expires = endOf(signIn, policy.identity.maxAgeMs)
    return { counts: true, subject: found.subject, expires, store: signIn.store }
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    const isEarly = failure.code === 'NO_POLICY'
    return { counts: false, signIn, why: failure.message, hint: failure.hint, isEarly }
  }
}

// A workload's platform gives it a new token before this one ends.
function endOf({ kind, claims, confirmed }: SignIn, maxAgeMs: number): Date {
  if (kind === 'workload') return new Date(Number(claims['exp']) * 1000)
  return new Date(confirmed.getTime() + maxAgeMs)
}

/** Gives what `whoami --json` prints. */
export function subjectRow(who: Who): object {
  if (!who.counts) return { subject: null, why: who.why }
  const { issuer, sub, email, groups, kind } = who.subject
  return {
    subject: { issuer, sub, email, groups, kind },
    expires: who.expires?.toISOString() ?? null,
    store: who.store,
  }
}

/** Describes who it is, for people. */
export function subjectLines(who: Who): string[] {
  if (!who.counts) return [`It does not count yet: ${who.why}`, `  hint: ${who.hint}`]
  const { issuer, sub, email, groups, kind } = who.subject
  const name = email === null ? visible(sub) : `${visible(email)} (${visible(sub)})`
  const lines = [`${name}${kind === 'workload' ? ', a workload' : ''}`]
  lines.push(
    issuer === 'local'
      ? '  of this machine: the policy asks nobody to sign in'
      : `  issuer  ${visible(issuer)}`,
  )
  lines.push(`  groups  ${groups.map((group) => visible(group)).join(', ') || 'none'}`)
  if (who.expires !== null)
    lines.push(`  counts until ${who.expires.toISOString()}, and longer while the provider answers`)
  return lines
}

function noUse(signIn: SignIn, why: string): Who {
  const hint = 'it is kept, and counts for a policy that names this provider'
  return { counts: false, signIn, why, hint, isEarly: false }
}
