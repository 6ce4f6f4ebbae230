import type { Policy } from '../policy/policy.ts'
import { requestText } from '../request-text.ts'
import type { Asker } from './asker.ts'
import type { Wanted } from './check-request.ts'

/** What somebody asks for, and on which device. */
export interface AskedFor {
  readonly asker: Asker
  readonly wanted: readonly Wanted[]
  readonly reason: string | null
  /** The public key of this device. */
  readonly device: string
}

/** Writes what is asked for as the text that is proven. */
export function askedText({ asker, wanted, reason, device }: AskedFor, at: Date): string {
  const { policy, key, subject } = asker
  const { issuer, sub } = subject
  const grants = wanted.map(({ grant, durationMs }) => ({ name: grant.name, durationMs, reason }))
  const named = { policy: key, policyDigest: policy.digest, issuer, sub, device }
  return requestText({ ...named, at: at.toISOString(), grants })
}

/** Lists the SSH keys that a policy ties to somebody, as authorized_keys files have them. */
export function keysOf(
  { people }: Pick<Policy, 'people'>,
  { issuer, sub }: { readonly issuer: string; readonly sub: string },
): string[] {
  const own = people.filter((person) => person.issuer === issuer && person.sub === sub)
  return own.flatMap(({ keys }) => keys.map(lineOf))
}

/** Writes a key as a line of an authorized_keys file, with its comment. */
export function lineOf({ type, base64, comment }: Policy['people'][number]['keys'][number]): string {
  return [type, base64, ...(comment === null ? [] : [comment])].join(' ')
}
