import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { policyInForce } from './asker.ts'
import type { Config } from './config-file.ts'
import type { Context } from './context.ts'

/** Where to sign in. */
export interface Provided {
  readonly settings: Pick<IdentitySettings, 'issuer' | 'clientId' | 'scopes' | 'redirectPort'>
}

const SCOPES = ['openid', 'email', 'offline_access']

/**
 * Says where to sign in: what was typed, else what the policy in force names, else where the person signed in last. Throws
 * USAGE where nothing does, MANAGED_LOCK where an administrator fixed another issuer.
 */
export async function providerOf(
  { issuer, clientId }: { readonly issuer: string | undefined; readonly clientId: string | undefined },
  config: Config,
  context: Context,
): Promise<Provided> {
  const named = await namedByPolicy(context)
  const asked = {
    issuer: issuer ?? named?.issuer ?? config.signIn?.issuer,
    clientId: clientId ?? named?.clientId ?? config.signIn?.clientId,
  }
  if (asked.issuer === undefined || asked.clientId === undefined) {
    throw new HoopctlError('USAGE', 'nothing says where to sign in: no policy in force names a provider', {
      hint: 'run: hoopctl policy add URL --trust DIGEST, or: hoopctl login --issuer URL --client-id ID',
    })
  }
  refuseOther(asked.issuer, context)
  const same = named?.issuer === asked.issuer && named.clientId === asked.clientId
  const { scopes, redirectPort } = same ? named : { scopes: SCOPES, redirectPort: null }
  return { settings: { issuer: asked.issuer, clientId: asked.clientId, scopes, redirectPort } }
}

async function namedByPolicy(context: Context): Promise<IdentitySettings | null> {
  try {
    return (await policyInForce(undefined, context)).policy.identity
  } catch (failure) {
    // Whoever signs in first may have no policy yet, or need the sign-in to read it.
    if (failure instanceof HoopctlError && failure.code !== 'MANAGED_LOCK') return null
    throw failure
  }
}

function refuseOther(issuer: string, { managed }: Context): void {
  const lock = managed()
  if (lock === null || lock.issuer === null || lock.issuer === issuer) return
  throw new HoopctlError('MANAGED_LOCK', `\`${lock.path}\` lets people sign in at ${lock.issuer} only`, {
    hint: 'run: hoopctl login',
  })
}
