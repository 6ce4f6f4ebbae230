import { realpathSync } from 'node:fs'
import { userInfo } from 'node:os'
import { loadPolicy } from '../policy/load.ts'
import type { Policy } from '../policy/policy.ts'
import { subjectOf } from '../policy/subject-of.ts'
import type { Blocked } from '../shim/standing.ts'
import type { Subject } from '../subject.ts'
import type { AssumeRole } from './central/open-central.ts'
import type { Context } from './context.ts'
import { loadInForce } from './load-in-force.ts'
import { osSubject } from './os-subject.ts'
import { notSignedIn, signInUnder } from './sign-in-under.ts'

/** A policy in force, and how activations name it. */
export interface PolicyInForce {
  readonly policy: Policy
  /** `trust:DIGEST/NAME`, by the pinned trust document and the policy's name, or `file:` and the path. */
  readonly key: string
  /** Not null: the policy has ended, or its source was silent for too long. Then it gives nothing. */
  readonly blocked: Blocked | null
}

/** Who asks, under which policy. */
export interface Asker extends PolicyInForce {
  readonly subject: Subject
}

/** Finds who asks under the policy in force. Throws what `policyInForce` and `subjectUnder` throw. */
export async function findAsker(named: string | undefined, context: Context): Promise<Asker> {
  const inForce = await policyInForce(named, context)
  return { ...inForce, subject: await subjectUnder(inForce.policy, context) }
}

/**
 * Loads the policy in force for a command: the managed one, the named one, the added one, or `policy.yaml`. Throws what
 * `loadInForce` and `loadPolicy` throw.
 */
export async function policyInForce(named: string | undefined, context: Context): Promise<PolicyInForce> {
  const assume: AssumeRole = async (role) => (await import('./assume-role.ts')).roleAssumer(context)(role)
  const found = await loadInForce(named, context, { assume })
  if (found.kind === 'central') return found
  const policy = await loadPolicy(found.path, context.now())
  return { policy, key: fileKey(found.path), blocked: null }
}

/** Names a policy file of this person as activations do: by its real path, whatever link leads there. */
export function fileKey(path: string): string {
  return `file:${realpathSync(path)}`
}

/** Tells who asks under a policy. Throws NOT_SIGNED_IN, with what helps, where nobody is signed in. */
export async function subjectUnder(policy: Policy, context: Context): Promise<Subject> {
  if (policy.identity === null) return osSubject(userInfo().username)
  const found = subjectOf(await signInUnder(policy.identity, context), policy)
  if (!found.ok) throw notSignedIn(found)
  return found.subject
}
