import type { GrantCircumstances } from '../policy/grant-context.ts'
import { type GrantState, grantStates, mayActivate } from '../policy/grants.ts'
import type { Grant } from '../policy/policy.ts'
import type { Asker } from './asker.ts'
import type { DeviceState } from './device-state.ts'

/** On a command line there is no client and no session: a condition that reads one is left to the shims. */
export function atCommandLine(now: Date): GrantCircumstances {
  return { client: null, session: null, now }
}

/** A grant of the asker's own. */
export type OwnGrant = GrantState & { readonly state: 'active' | 'available' | 'ended' }

/** Lists the grants that the asker may activate, or has active, with how each stands; none under a policy that is blocked. */
export function grantsOf(asker: Asker, { activations, shims, device }: DeviceState, now: Date): OwnGrant[] {
  const { policy, key, subject, blocked } = asker
  if (blocked !== null) return []
  const holder = { policy: key, issuer: subject.issuer, sub: subject.sub, device: device.publicKey }
  const started = shims
    .running()
    .filter((shim) => shim.policy === key && isOf(shim.subject, subject))
    .flatMap(({ grants }) => grants.filter(({ mode }) => mode === 'session'))
    .map(({ name, ...rest }) => ({ grant: name, ...rest }))
  const held = { activations: activations.known(holder, now), started }
  const states = grantStates(policy.grants, subject, atCommandLine(now), held)
  return states.filter((each): each is OwnGrant => each.state !== 'not-yours')
}

/** Lists the grants that are for the asker, whatever stands in the way of them now: names that may be told. */
export function namesOf({ policy, subject }: Asker, now: Date): Grant[] {
  return policy.grants.filter(
    (grant) => mayActivate({ ...grant, when: null }, subject, atCommandLine(now)).verdict !== 'no',
  )
}

function isOf(
  shim: { readonly issuer: string; readonly sub: string } | null,
  subject: Asker['subject'],
): boolean {
  return shim?.issuer === subject.issuer && shim.sub === subject.sub
}
