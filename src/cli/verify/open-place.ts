import { HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Context } from '../context.ts'
import { type OpenedDestination, openDestination } from '../upload/open-destination.ts'

/**
 * Opens a place where evidence lies, to be read: as the policy says where one of its destinations is there, else with the
 * credentials that the AWS SDK finds by itself.
 */
export function openPlace(
  named: string,
  policy: Policy | null,
  context: Context,
): Promise<OpenedDestination> {
  const url = placeUrl(named)
  const to = policy?.uploads.find((each) => url.startsWith(each.url)) ?? ANYONES
  return openDestination({ ...to, url }, policy?.identity ?? null, context)
}

/** Writes the URL of a place as confirmations do: with a `/` at its end. */
export function placeUrl(named: string): string {
  return named.endsWith('/') ? named : `${named}/`
}

const ANYONES = { region: null, role: null, endpoint: null, audience: null, scope: null, keeping: null }

/** Loads the policy in force for a reader of evidence, who needs none unless one was named. */
export async function policyIfAny(named: string | undefined, context: Context): Promise<Policy | null> {
  const { policyInForce } = await import('../asker.ts')
  try {
    return (await policyInForce(named, context)).policy
  } catch (failure) {
    if (named !== undefined || !(failure instanceof HoopctlError)) throw failure
    return null
  }
}
