import { HoopctlError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { NoSignIn } from '../sign-in.ts'
import type { AssumeRole } from './central/open-central.ts'
import { type Config, readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { httpClient, NOBODY, openSignIns } from './open-sign-ins.ts'

const ROLE_SECONDS = 3600
// What the sign-in is used for is decided by AWS, which verifies the token itself.
const ANY_AGE_MS = Number.MAX_SAFE_INTEGER

/** Makes what assumes roles with the person's sign-in. */
export function roleAssumer(context: Context): AssumeRole {
  return async ({ arn, region, endpoint, policy = null }) => {
    const config = await readConfig(context)
    const idToken = await tokenFor(arn, config, context)
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

async function tokenFor(arn: string, config: Config, context: Context): Promise<Secret> {
  const about = (what: string) => `the role \`${arn}\` is assumed with a sign-in, and ${what}`
  try {
    const given = await personsToken(config, context)
    if (given instanceof Secret) return given
    const hint = given.kind === 'none' ? 'run: hoopctl login --issuer URL --client-id ID' : given.hint
    throw new HoopctlError('NOT_SIGNED_IN', given.why, { hint })
  } catch (fault) {
    if (!(fault instanceof HoopctlError)) throw fault
    throw new HoopctlError(fault.code, about(fault.message), { hint: fault.hint, cause: fault })
  }
}

async function personsToken({ signIn }: Config, context: Context): Promise<Secret | NoSignIn> {
  const signIns = signIn === null ? null : await openSignIns(context, null)
  if (signIn === null || signIns === null) return NOBODY
  return signIns.idToken({ issuer: signIn.issuer, clientId: signIn.clientId, maxAgeMs: ANY_AGE_MS })
}
