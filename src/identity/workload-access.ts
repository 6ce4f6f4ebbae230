import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { aboutToken } from './access-fault.ts'
import { type AccessToken, parametersOf, readAccessToken, type WantedToken } from './access-token.ts'
import { askWithClientCredentials } from './client-credentials.ts'
import { unnamed, type WorkloadSource } from './workload-source.ts'

/** What a workload's access token is made with. */
export interface WorkloadAccess {
  readonly source: WorkloadSource
  readonly workloads: IdentitySettings['workloads']
  readonly http: HttpClient
  readonly now: () => Date
}

/**
 * Has the provider make an access token for another service with a workload's client credentials. Throws NOT_SIGNED_IN for a
 * workload that has a token of its platform only, SIGN_IN_FAILED, UNREACHABLE.
 */
export async function workloadAccessToken(
  { source, workloads, http, now }: WorkloadAccess,
  wanted: WantedToken,
): Promise<AccessToken> {
  if (source.kind !== 'client') throw onlyPlatform(wanted)
  const { issuer } = source
  if (!workloads.some((each) => each.issuer === issuer)) throw unnamed(issuer)
  const parameters = parametersFor(source.parameters, wanted)
  const given: AccessToken[] = []
  const onTokens = async (answer: Readonly<Record<string, unknown>>): Promise<void> => {
    given.push(readAccessToken({ issuer, wanted, answer, others: [], now: now() }))
  }
  try {
    await askWithClientCredentials({ ...source, parameters, http, now }, onTokens)
  } catch (fault) {
    throw aboutToken(fault, wanted)
  }
  const [token] = given
  if (token === undefined) throw new TypeError('openid-client made no request for an access token')
  return token
}

// What the sign-in's own token is for does not belong into this one. Some providers know `audience` in place of `resource`.
function parametersFor(
  { resource: _resource, audience, scope: _scope, ...rest }: Readonly<Record<string, string>>,
  wanted: WantedToken,
): Readonly<Record<string, string>> {
  const isAudience = audience !== undefined && wanted.scope === null
  return { ...rest, ...(isAudience ? { audience: wanted.audience } : parametersOf(wanted)) }
}

function onlyPlatform({ audience }: WantedToken): HoopctlError {
  const message = `no access token for \`${audience}\`: the workload here has a token of its platform only, which is for signing in`
  const hint =
    'give it client credentials: hoopctl login --workload client …; or send its logs to s3:// or a directory'
  return new HoopctlError('NOT_SIGNED_IN', message, { hint })
}
