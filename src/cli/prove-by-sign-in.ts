import { setTimeout as pause } from 'node:timers/promises'
import type { ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import { ASKED_MS, requestNonce, requestText } from '../request-text.ts'
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
  /** Sign in with a code on another screen, where there is no browser on this machine. */
  readonly byCode: boolean
  /** Shows what there is to confirm. */
  readonly show: () => void
}

/**
 * Has the person sign in anew, at the client that is for nothing else, with a nonce that covers what they ask for. Throws
 * GRANT_DENIED for a subject that cannot, SIGN_IN_FAILED, UNREACHABLE and CANCELLED.
 */
export async function proveBySignIn(confirmed: Confirmed, context: Context): Promise<ActivationProof> {
  const { asker, wanted, reason, device, show } = confirmed
  const { policy, key, subject } = asker
  const settings = approvalsOf(asker)
  const { issuer, sub } = subject
  const asked = context.now()
  const grants = wanted.map(({ grant, durationMs }) => ({ name: grant.name, durationMs, reason }))
  const named = { policy: key, policyDigest: policy.digest, issuer, sub, device }
  const request = requestText({ ...named, at: asked.toISOString(), grants })
  show()
  try {
    const sign = confirmed.byCode ? freshSignInByCode : freshSignIn
    const idToken = await sign(settings, { sub, nonce: requestNonce(request) }, context)
    // A shim would take it for a sign-in of something else.
    if (context.now().getTime() - asked.getTime() > ASKED_MS) throw tooLate()
    return { kind: 'oidc', idToken, request }
  } catch (failure) {
    throw askAgain(failure, confirmed)
  }
}

// What helps after a sign-in that failed is no `hoopctl login`: the person is signed in.
function askAgain(failure: unknown, { command, byCode }: Confirmed): unknown {
  const isOurs = failure instanceof HoopctlError && ['SIGN_IN_FAILED', 'CANCELLED'].includes(failure.code)
  if (!isOurs) return failure
  const other = byCode ? '; not every provider can prove a request with --device' : ''
  return new HoopctlError(failure.code, failure.message, {
    hint: `to ask again: ${command}${other}`,
    cause: failure.cause,
  })
}

function tooLate(): HoopctlError {
  const message = 'it was confirmed more than ten minutes after it was asked for'
  return new HoopctlError('SIGN_IN_FAILED', message, { hint: 'ask again' })
}

function approvalsOf({ policy, subject }: Asker): Client {
  const { identity } = policy
  const clientId = identity?.approvals?.clientId
  const hint = 'ask whoever keeps the policy'
  if (identity === null || clientId === undefined)
    throw new HoopctlError('GRANT_DENIED', 'the policy names no client at which this can be proven', { hint })
  if (subject.issuer === identity.issuer && subject.kind === 'human')
    return { issuer: identity.issuer, clientId, redirectPort: identity.redirectPort }
  const message = 'this grant is given to a person who signs in anew, and a workload cannot'
  throw new HoopctlError('GRANT_DENIED', message, { hint })
}

type Client = Pick<IdentitySettings, 'issuer' | 'clientId' | 'redirectPort'>
type Expected = { readonly sub: string; readonly nonce: string }

async function freshSignIn(client: Client, expected: Expected, context: Context): Promise<string> {
  const { signInByBrowser } = await import('../identity/browser-flow.ts')
  const openUrl = (url: URL) => showAddress(url, context)
  const common = await signInOptions(client, context)
  return (await signInByBrowser({ ...common, ...expected, openUrl, fresh: true })).idToken.reveal()
}

async function freshSignInByCode(client: Client, receipt: Expected, context: Context): Promise<string> {
  const { signInByDevice } = await import('../identity/device-flow.ts')
  const { showCode } = await import('./show-code.ts')
  let shown: Promise<() => void> = Promise.resolve(() => undefined)
  const show = (prompt: Parameters<typeof showCode>[0]) => {
    shown = showCode(prompt, context)
  }
  try {
    const common = await signInOptions(client, context)
    return (await signInByDevice({ ...common, receipt, show })).idToken.reveal()
  } finally {
    ;(await shown)()
  }
}

async function signInOptions({ issuer, clientId, redirectPort }: Client, context: Context) {
  const { discoverProvider } = await import('../identity/provider.ts')
  const http = httpClient(await readConfig(context), context)
  const provider = await discoverProvider(issuer, http)
  const stop = new AbortController()
  context.onSignal((name) => stop.abort(name))
  const settings = { clientId, redirectPort, scopes: [] } // a receipt says who and when, nothing else
  return { settings, provider, http, now: context.now, wait, signal: stop.signal }
}

function showAddress(url: URL, context: Context): void {
  const opened = openBrowser(url, context)
  const what = opened ? 'Your browser was asked to open' : 'Open this in a browser on this machine'
  context.stderr.write(`To confirm it, sign in once more. ${what}:\n\n  ${visible(url.href)}\n\n`)
  if ((context.env['SSH_CONNECTION'] ?? '') !== '') context.stderr.write(`${overSsh(url)}\n`)
}

// The browser comes back to a port of this machine, which the one with the screen does not have.
function overSsh(url: URL): string {
  const port = new URL(url.searchParams.get('redirect_uri') ?? url).port
  return `Over SSH, first run this where the browser is: ssh -N -L ${port}:127.0.0.1:${port} THIS-HOST\n`
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}
