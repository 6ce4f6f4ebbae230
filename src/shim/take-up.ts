import type { ContextBody } from '../records.ts'
import type { Subject } from '../subject.ts'
import { tellListsChanged } from './lists-changed.ts'
import type { Shim } from './shim.ts'
import type { ActiveGrant, Asking, Standing } from './standing.ts'

/**
 * Takes up what changed since the last message: who asks, the policy, its grants. Called between two messages, so that
 * each is decided by one standing. Records the change, and tells the client where its lists are other ones now.
 */
export function takeUp(shim: Shim): void {
  const before = shim.standing
  const now = shim.authority.current(asking(shim))
  if (now === before) return
  shim.standing = now
  // Also where the one signed out before the other signed in.
  const renewed = isAnother(shim.owner, now.subject)
  shim.owner = now.subject ?? shim.owner
  if (renewed) shim.renew(now)
  const change = renewed ? null : changeOf(before, now)
  if (change !== null) shim.outbox.note(change, null)
  if (change !== null || renewed) shim.onStanding(now, shim.log.session)
  if (before.listed !== now.listed || before.blocked !== now.blocked) tellListsChanged(shim)
}

/** Tells which client asks now, in which session. */
function asking({ progress, log }: Shim): Asking {
  return { client: progress.client, session: { id: log.session, calls: progress.calls } }
}

/** Describes a standing as a session's first record tells it. */
export function startContext({ subject, policy, grants }: Standing): ContextBody {
  return {
    kind: 'context',
    cause: 'start',
    subject: subjectOf(subject),
    client: null,
    policy: policyOf(policy),
    grants: grants.map(grantOf),
  }
}

function changeOf(before: Standing, now: Standing): ContextBody | null {
  const subject = subjectOf(now.subject)
  const policy = policyOf(now.policy)
  const grants = now.grants.map(grantOf)
  const body: ContextBody = {
    kind: 'context',
    cause: now.cause ?? 'change',
    ...(same(subject, subjectOf(before.subject)) ? {} : { subject }),
    ...(same(policy, policyOf(before.policy)) ? {} : { policy }),
    ...(same(grants, before.grants.map(grantOf)) ? {} : { grants }),
  }
  return Object.keys(body).length > 2 || now.cause !== null ? body : null
}

/** Is this the standing of another person, whose calls belong into a session of their own? */
function isAnother(before: Subject | null, now: Subject | null): boolean {
  if (before === null || now === null) return false
  return before.issuer !== now.issuer || before.sub !== now.sub
}

function subjectOf(subject: Subject | null): NonNullable<ContextBody['subject']> | null {
  if (subject === null) return null
  const { issuer, sub, email, groups, kind } = subject
  return { issuer, sub, email, groups, kind }
}

function policyOf({ name, version, digest, signed }: Standing['policy']): NonNullable<ContextBody['policy']> {
  return { name, version, digest, signed }
}

function grantOf({ name, mode, started, expires, reason }: ActiveGrant) {
  return { name, mode, started: started.toISOString(), expires: expires?.toISOString() ?? null, reason }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
