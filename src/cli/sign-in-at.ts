import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { Policy } from '../policy/policy.ts'
import { policyInForce } from './asker.ts'
import type { Config } from './config-file.ts'
import type { Context } from './context.ts'
import type { ManagedLock } from './managed-lock.ts'

/** Where to sign in. */
export interface Provided {
  readonly settings: Pick<IdentitySettings, 'issuer' | 'clientId' | 'scopes' | 'redirectPort'>
  /** Web servers that the policy has logs sent to: access tokens for them are made out of the sign-in. */
  readonly resources: readonly string[]
}

const SCOPES = ['openid', 'email', 'offline_access']

/** What was typed. */
interface Typed {
  readonly issuer: string | undefined
  readonly clientId: string | undefined
}

/**
 * Says where to sign in: what was typed, else what the policy in force names, else what an administrator fixed, else where the
 * person signed in last. Throws USAGE where nothing does, MANAGED_LOCK where an administrator fixed another issuer.
 */
export async function providerOf(typed: Typed, config: Config, context: Context): Promise<Provided> {
  const policy = await policyOrNone(context)
  const named = policy?.identity
  const asked = firstOf(typed, named ?? null, context.managed(), config.signIn)
  if (asked.issuer === undefined || asked.clientId === undefined) throw nowhere(context.managed())
  refuseOther(asked.issuer, context)
  const same = named?.issuer === asked.issuer && named.clientId === asked.clientId
  const { scopes, redirectPort } = same ? named : { scopes: SCOPES, redirectPort: null }
  const { resources, more } = same ? wantedBy(policy) : { resources: [], more: [] }
  const whole = [...new Set([...scopes, ...more])]
  return {
    settings: { issuer: asked.issuer, clientId: asked.clientId, scopes: whole, redirectPort },
    resources,
  }
}

function firstOf(
  typed: Typed,
  named: IdentitySettings | null,
  lock: ManagedLock | null,
  last: Config['signIn'],
): Typed {
  const issuer = typed.issuer ?? named?.issuer ?? lock?.issuer ?? last?.issuer
  // What hoopctl was called at one provider says nothing of another.
  const before = last?.issuer === issuer ? last?.clientId : undefined
  return { issuer, clientId: typed.clientId ?? named?.clientId ?? lock?.clientId ?? before }
}

function nowhere(lock: ManagedLock | null): HoopctlError {
  if (lock === null) {
    return new HoopctlError('USAGE', 'nothing says where to sign in: no policy in force names a provider', {
      hint: 'run: hoopctl policy add URL --trust DIGEST, or: hoopctl login --issuer URL --client-id ID',
    })
  }
  const message = `nothing says where to sign in: the policy that \`${lock.path}\` fixes could not be read yet`
  const typed = lock.issuer === null ? '--issuer URL --client-id ID' : '--client-id ID'
  const hint = `run: hoopctl login ${typed}; whoever manages this machine knows what to type`
  return new HoopctlError('USAGE', message, { hint })
}

// A refresh gives no more than the sign-in asked for (RFC 6749, section 6; RFC 8707, section 2.2).
function wantedBy(policy: Policy | null): {
  readonly resources: readonly string[]
  readonly more: readonly string[]
} {
  const servers = policy?.uploads ?? []
  const resources = servers.flatMap(({ audience, scope }) =>
    audience === null || scope !== null ? [] : [audience],
  )
  const more = servers.flatMap(({ scope }) => scope?.split(' ') ?? [])
  return { resources: [...new Set(resources)], more }
}

async function policyOrNone(context: Context): Promise<Policy | null> {
  try {
    return (await policyInForce(undefined, context)).policy
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
