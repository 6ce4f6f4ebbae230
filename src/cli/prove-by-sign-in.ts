import { setTimeout as pause } from 'node:timers/promises'
import type { ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { type GrantRequest, requestNonce, requestText } from '../request-text.ts'
import { visible } from '../visible.ts'
import type { Asker } from './asker.ts'
import type { Wanted } from './check-request.ts'
import { readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { openBrowser } from './open-browser.ts'
import { httpClient } from './open-sign-ins.ts'

/** What a person confirms by signing in. */
interface Confirmed {
  readonly asker: Asker
  readonly wanted: readonly Wanted[]
  readonly reason: string | null
  /** The public key of this device. */
  readonly device: string
  /** What a person types to ask again. */
  readonly command: string
  /** Shows what there is to confirm. */
  readonly show: () => void
}

/**
 * Has the person sign in anew, at the client that is for nothing else, with a nonce that covers what they ask for. Throws
 * GRANT_DENIED for a subject that cannot, SIGN_IN_FAILED, UNREACHABLE and CANCELLED.
 */
export async function proveBySignIn(confirmed: Confirmed, context: Context): Promise<ActivationProof> {
  const { asker, wanted, reason, device, command, show } = confirmed
  const { policy, key, subject } = asker
  const settings = approvalsOf(asker)
  const { issuer, sub } = subject
  const at = context.now().toISOString()
  const grants = wanted.map(({ grant, durationMs }) => ({ name: grant.name, durationMs, reason }))
  const asked: GrantRequest = { policy: key, policyDigest: policy.digest, issuer, sub, device, at, grants }
  const request = requestText(asked)
  show()
  try {
    const idToken = await freshSignIn(settings, { sub, nonce: requestNonce(request) }, context)
    return { kind: 'oidc', idToken, request }
  } catch (failure) {
    // What helps after a sign-in that failed is no `hoopctl login`: the person is signed in.
    const again = ['SIGN_IN_FAILED', 'CANCELLED']
    if (!(failure instanceof HoopctlError) || !again.includes(failure.code)) throw failure
    throw new HoopctlError(failure.code, failure.message, { hint: `to ask again: ${command}` })
  }
}

function approvalsOf({ policy, subject }: Asker): Pick<IdentitySettings, 'issuer' | 'clientId'> {
  const { identity } = policy
  const clientId = identity?.approvals?.clientId
  const hint = 'ask whoever keeps the policy'
  if (identity === null || clientId === undefined)
    throw new HoopctlError('GRANT_DENIED', 'the policy names no client at which this can be proven', { hint })
  if (subject.issuer === identity.issuer && subject.kind === 'human')
    return { issuer: identity.issuer, clientId }
  const message = 'this grant is given to a person who signs in anew, and a workload cannot'
  throw new HoopctlError('GRANT_DENIED', message, { hint })
}

async function freshSignIn(
  { issuer, clientId }: Pick<IdentitySettings, 'issuer' | 'clientId'>,
  expected: { readonly sub: string; readonly nonce: string },
  context: Context,
): Promise<string> {
  const { discoverProvider } = await import('../identity/provider.ts')
  const { signInByBrowser } = await import('../identity/browser-flow.ts')
  const http = httpClient(await readConfig(context), context)
  const stop = new AbortController()
  context.onSignal(() => stop.abort())
  const { idToken } = await signInByBrowser({
    settings: { clientId, scopes: [] }, // a receipt says who and when, nothing else
    provider: await discoverProvider(issuer, http),
    http,
    now: context.now,
    wait,
    openUrl: (url) => showAddress(url, context),
    fresh: true,
    signal: stop.signal,
    ...expected,
  })
  return idToken.reveal()
}

function showAddress(url: URL, context: Context): void {
  const opened = openBrowser(url, context)
  const what = opened ? 'Your browser was asked to open' : 'Open this in a browser on this machine'
  context.stderr.write(`To confirm it, sign in once more. ${what}:\n\n  ${visible(url.href)}\n\n`)
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}
