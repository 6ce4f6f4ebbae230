import type { IdentitySettings } from '../../identity-settings.ts'
import type { AccessToken, WantedToken } from '../../identity/access-token.ts'
import { HeldAccessToken } from '../../identity/held-access-token.ts'
import type { UploadPlace } from '../../policy/policy.ts'
import type { BearerToken } from '../../remote/evidence-https.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient, NOBODY, openSignIns } from '../open-sign-ins.ts'
import { notSignedIn } from '../sign-in-under.ts'
import { workloadSourceOf } from '../workload.ts'

/**
 * Makes what gives the access token for a web server: out of the person's sign-in, else of the workload that runs here. It is
 * kept in memory alone. Undefined for places that get none.
 */
export function bearerFor(
  { audience, scope }: UploadPlace,
  identity: IdentitySettings | null,
  context: Context,
): BearerToken | undefined {
  if (audience === null || identity === null) return undefined
  const held = new HeldAccessToken(() => obtain({ audience, scope }, identity, context), context.now)
  return (refused) => held.get(refused)
}

async function obtain(
  wanted: WantedToken,
  identity: IdentitySettings,
  context: Context,
): Promise<AccessToken> {
  const signIns = await openSignIns(context, null)
  const given = signIns === null ? NOBODY : await signIns.accessToken(identity, wanted)
  if ('token' in given) return given
  const { workloads } = identity
  const isPerson = given.kind !== 'none' || workloads.length === 0
  const config = await readConfig(context)
  const source = isPerson ? null : await workloadSourceOf(config, context)
  if (source === null) throw notSignedIn(given)
  const { workloadAccessToken } = await import('../../identity/workload-access.ts')
  return workloadAccessToken(
    { source, workloads, http: httpClient(config, context), now: context.now },
    wanted,
  )
}
