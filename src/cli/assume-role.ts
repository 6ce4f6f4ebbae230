import { HoopctlError } from '../errors.ts'
import type { AssumeRole } from './central/open-central.ts'
import { readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { httpClient, openSignIns } from './open-sign-ins.ts'

const ROLE_SECONDS = 3600
// What the sign-in is used for is decided by AWS, which verifies the token itself.
const ANY_AGE_MS = Number.MAX_SAFE_INTEGER

/** Makes what assumes roles with the person's sign-in. */
export function roleAssumer(context: Context): AssumeRole {
  return async ({ arn, region, endpoint, policy = null }) => {
    const config = await readConfig(context)
    const signIns = config.signIn === null ? null : await openSignIns(context, null)
    const named = { ...config.signIn, maxAgeMs: ANY_AGE_MS }
    if (signIns === null || named.issuer === undefined || named.clientId === undefined) throw nobody(arn)
    const settings = { issuer: named.issuer, clientId: named.clientId, maxAgeMs: named.maxAgeMs }
    await signIns.renewWhenDue(settings)
    const idToken = await signIns.idToken(settings)
    if (idToken === null) throw nobody(arn)
    const { assumeRoleWithIdToken } = await import('../identity/assume-role.ts')
    return assumeRoleWithIdToken({
      role: arn,
      idToken,
      region: region ?? 'us-east-1',
      endpoint: endpoint === null ? null : new URL(endpoint),
      policy,
      sessionName: 'hoopctl',
      durationSeconds: ROLE_SECONDS,
      http: httpClient(config, context),
    })
  }
}

function nobody(arn: string): HoopctlError {
  const message = `the role \`${arn}\` is assumed with a sign-in, and nobody is signed in`
  return new HoopctlError('NOT_SIGNED_IN', message, {
    hint: 'run: hoopctl login --issuer URL --client-id ID',
  })
}
