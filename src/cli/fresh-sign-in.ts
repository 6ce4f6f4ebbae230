import { setTimeout as pause } from 'node:timers/promises'
import type { IdentitySettings } from '../identity-settings.ts'
import type { Provider } from '../identity/provider.ts'
import { visible } from '../visible.ts'
import { readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { openBrowser } from './open-browser.ts'
import { httpClient } from './open-sign-ins.ts'

/** A sign-in anew, at the client that is for nothing else. */
export interface FreshSignIn {
  readonly client: Pick<IdentitySettings, 'issuer' | 'clientId' | 'redirectPort' | 'scopes'>
  /** What the ID token must repeat: the digest of what is confirmed. */
  readonly nonce: string
  /** Who must sign in; absent: anyone. */
  readonly sub?: string
  /** By what means; absent or empty: any. */
  readonly acrValues?: readonly string[]
  /** Shows a text to the person who signs in. */
  readonly show: (text: string) => void
}

/** An ID token that was verified, and whom it is of. What else the provider gave is gone: nobody has looked at it. */
export interface SignedIn {
  readonly idToken: string
  readonly provider: Provider
}

/** Has a person sign in anew in a browser on this machine. Throws SIGN_IN_FAILED, UNREACHABLE and CANCELLED. */
export async function freshSignIn(asked: FreshSignIn, context: Context): Promise<SignedIn> {
  const { signInByBrowser } = await import('../identity/browser-flow.ts')
  const { acrFault } = await import('../identity/acr-fault.ts')
  const { signInFailed } = await import('../identity/sign-in-failed.ts')
  const { nonce, sub, acrValues = [] } = asked
  const openUrl = (url: URL) => showAddress(url, asked, context)
  const common = await signInOptions(asked, context)
  const who = sub === undefined ? {} : { sub }
  const sent = { ...common, ...who, nonce, acrValues, openUrl, fresh: true }
  const { idToken, claims } = await signInByBrowser(sent)
  const weak = acrFault(claims, acrValues)
  if (weak !== null) throw signInFailed(weak)
  return { idToken: idToken.reveal(), provider: common.provider }
}

/** Has one person sign in anew with a code on another screen. Throws SIGN_IN_FAILED, UNREACHABLE and CANCELLED. */
export async function freshSignInByCode(
  asked: FreshSignIn & { readonly sub: string },
  context: Context,
): Promise<SignedIn> {
  const { signInByDevice } = await import('../identity/device-flow.ts')
  const { showCode } = await import('./show-code.ts')
  const { nonce, sub } = asked
  let shown: Promise<() => void> = Promise.resolve(() => undefined)
  const show = (prompt: Parameters<typeof showCode>[0]) => {
    shown = showCode(prompt, context)
  }
  try {
    const common = await signInOptions(asked, context)
    const { idToken } = await signInByDevice({ ...common, receipt: { nonce, sub }, show })
    return { idToken: idToken.reveal(), provider: common.provider }
  } finally {
    ;(await shown)()
  }
}

async function signInOptions({ client }: FreshSignIn, context: Context) {
  const { discoverProvider } = await import('../identity/provider.ts')
  const { issuer, ...settings } = client
  const http = httpClient(await readConfig(context), context)
  const provider = await discoverProvider(issuer, http)
  const stop = new AbortController()
  context.onSignal((name) => stop.abort(name))
  return { settings, provider, http, now: context.now, wait, signal: stop.signal }
}

function showAddress(url: URL, { show }: FreshSignIn, context: Context): void {
  const opened = openBrowser(url, context)
  const what = opened ? 'Your browser was asked to open' : 'Open this in a browser on this machine'
  show(`To confirm it, sign in once more. ${what}:\n\n  ${visible(url.href)}\n\n`)
  if ((context.env['SSH_CONNECTION'] ?? '') !== '') show(`${overSsh(url)}\n`)
}

// The browser comes back to a port of this machine, which the one with the screen does not have.
function overSsh(url: URL): string {
  const port = new URL(url.searchParams.get('redirect_uri') ?? url).port
  return `Over SSH, first run this where the browser is: ssh -N -L ${port}:127.0.0.1:${port} THIS-HOST\n`
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}
