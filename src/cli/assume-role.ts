import { HoopctlError } from '../errors.ts'
import type { RoleRequest } from '../identity/assume-role.ts'
import { Secret } from '../secret.ts'
import type { NoSignIn } from '../sign-in.ts'
import type { AssumeRole } from './central/open-central.ts'
import { type Config, readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { httpClient, NOBODY, openSignIns } from './open-sign-ins.ts'
import { workloadSourceOf } from './workload.ts'

const ROLE_SECONDS = 3600

/** Makes what assumes roles: with the sign-in of the person; where nobody is signed in, with that of the workload that runs here. */
export function roleAssumer(context: Context): AssumeRole {
  return async ({ arn, region, endpoint, policy = null }) => {
    const config = await readConfig(context)
    const sts = endpoint === null ? null : new URL(endpoint)
    const token = await tokenFor(arn, sts, config, context)
    const { assumeRoleWithIdToken } = await import('../identity/assume-role.ts')
    return assumeRoleWithIdToken({
      role: arn,
      ...token,
      region: region ?? 'us-east-1',
      endpoint: sts,
      policy,
      sessionName: 'hoopctl',
      durationSeconds: ROLE_SECONDS,
      http: httpClient(config, context),
    })
  }
}

type Token = Pick<RoleRequest, 'idToken' | 'kind'>

async function tokenFor(arn: string, sts: URL | null, config: Config, context: Context): Promise<Token> {
  try {
    const given = await personsToken(config, context)
    if (given instanceof Secret) return { idToken: given, kind: 'human' }
    // As in a session: a person whose sign-in has ended is not replaced by what happens to run here.
    const token = given.kind === 'none' ? await workloadsToken(sts, config, context) : null
    if (token !== null) return { idToken: token, kind: 'workload' }
    const hint = given.kind === 'none' ? loginHint(config, context) : given.hint
    throw new HoopctlError('NOT_SIGNED_IN', given.why, { hint })
  } catch (fault) {
    if (!(fault instanceof HoopctlError)) throw fault
    const message = `the role \`${arn}\` is assumed with a sign-in, and ${fault.message}`
    throw new HoopctlError(fault.code, message, { hint: fault.hint, cause: fault })
  }
}

async function personsToken({ signIn }: Config, context: Context): Promise<Secret | NoSignIn> {
  const signIns = signIn === null ? null : await openSignIns(context, null)
  if (signIn === null || signIns === null) return NOBODY
  // What the sign-in is used for is decided by AWS, which verifies the token itself.
  return signIns.idToken({ issuer: signIn.issuer, clientId: signIn.clientId })
}

async function workloadsToken(sts: URL | null, config: Config, context: Context): Promise<Secret | null> {
  const source = await workloadSourceOf(config, context)
  if (source === null) return null
  const { workloadRoleToken } = await import('../identity/workload-role-token.ts')
  return workloadRoleToken({ source, http: httpClient(config, context), now: context.now }, sts)
}

function loginHint({ signIn }: Config, { managed }: Context): string {
  const lock = managed()
  const isKnown = signIn !== null || (lock !== null && lock.issuer !== null && lock.clientId !== null)
  return `run: hoopctl login${isKnown ? '' : ' --issuer URL --client-id ID'}`
}
