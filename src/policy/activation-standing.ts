import type { Activation, ActivationProof } from '../activation.ts'
import { laterBy } from '../instant.ts'
import type { Subject } from '../subject.ts'
import { isAtLeast } from './merge-terms.ts'
import type { Grant, Policy } from './policy.ts'

/** An activation with what became of it, as the shared state keeps it. */
export interface HeldActivation {
  readonly activation: Activation
  /** How many calls it has let through, over all shims. */
  readonly used: number
  /** When it was ended before its time; null: it was not. */
  readonly ended: Date | null
}

/** What an activation comes to at one moment. */
export type Standing =
  | { readonly holds: true; readonly expires: Date }
  | { readonly holds: false; readonly why: string }

/**
 * Says whether an activation holds now, by what the policy says now of its grant: a policy that gives less than the one
 * under which it was made takes the rest away. Whose it is, is looked at; whether the subject may still have the grant
 * is not (`mayActivate`).
 */
export function standingOf(
  { activation, used, ended }: HeldActivation,
  grant: Grant,
  subject: Subject,
  now: Date,
): Standing {
  const expires = endOf(activation, grant)
  if (ended !== null) return { holds: false, why: 'it was ended' }
  const why = faultOf(activation, grant, subject)
  if (why !== null) return { holds: false, why }
  if (expires <= now) return { holds: false, why: `it expired at ${expires.toISOString()}` }
  // A clock that was set back revives nothing.
  if (activation.started > now)
    return { holds: false, why: 'it begins later than now: the clock was set back' }
  const uses = Math.min(activation.uses ?? Infinity, grant.uses ?? Infinity)
  if (used >= uses) return { holds: false, why: `its ${uses} uses are spent` }
  return { holds: true, expires }
}

/**
 * Says why a policy gives an activation to nobody any more, at any hour; null: it does. An activation that was lost once
 * is over, whatever a later policy gives. Who it is for, and its condition, are not looked at.
 */
export function lostUnder(
  { grants }: Pick<Policy, 'grants'>,
  { activation, used }: Omit<HeldActivation, 'ended'>,
  now: Date,
): string | null {
  const grant = grants.find(({ name }) => name === activation.grant)
  if (grant === undefined) return 'the policy no longer has this grant'
  const fault = termsFault(activation, grant)
  if (fault !== null) return fault
  if (endOf(activation, grant) <= now) return 'the policy now gives it for less time'
  return grant.uses !== null && used >= grant.uses ? 'the policy now gives it for fewer calls' : null
}

/** Gives how much of an activation a policy gives: never more than before, whatever a later policy gives. */
export function cutBy(
  { grants }: Pick<Policy, 'grants'>,
  activation: Activation,
): Pick<Activation, 'expires' | 'uses'> {
  const grant = grants.find(({ name }) => name === activation.grant)
  const { expires, uses } = activation
  if (grant === undefined) return { expires, uses }
  const fewer = grant.uses !== null && grant.uses < (uses ?? Infinity) ? grant.uses : uses
  return { expires: endOf(activation, grant), uses: fewer }
}

function endOf({ started, expires }: Activation, { duration }: Grant): Date {
  const latest = laterBy(started, duration.maxMs)
  return expires < latest ? expires : latest
}

function faultOf(activation: Activation, grant: Grant, subject: Subject): string | null {
  const { grant: name, issuer, sub } = activation
  if (name !== grant.name) return 'it is of another grant'
  if (issuer !== subject.issuer || sub !== subject.sub) return 'it belongs to somebody else'
  return termsFault(activation, grant)
}

function termsFault({ proof, reason }: Activation, { activate }: Grant): string | null {
  if (activate.reason === 'required' && reason === null) return 'the policy now requires a reason'
  return proofFault(proof, activate)
}

/**
 * Says why a proof is not of the kind that a grant wants now; null: it is. A second person's yes is no stronger form of
 * what whoever asks can prove, nor the other way round: it is wanted exactly where the mode is `approval`.
 */
export function proofFault(
  { kind }: Pick<ActivationProof, 'kind'>,
  { mode, proof }: Grant['activate'],
): string | null {
  if (mode === 'approval')
    return kind === 'approval' ? null : 'the policy now requires that a second person agrees'
  if (kind === 'approval') return 'the policy now requires that whoever asks proves it'
  return isAtLeast(kind, proof) ? null : `the policy now requires the proof \`${proof}\``
}
