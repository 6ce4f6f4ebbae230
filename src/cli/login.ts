import { setTimeout as pause } from 'node:timers/promises'
import { HoopctlError } from '../errors.ts'
import { type ChosenStore, openTokenStore } from '../identity/choose-token-store.ts'
import { tokenStoreChoice } from '../identity/token-store-choice.ts'
import type { Tokens } from '../identity/tokens.ts'
import type { SignIn } from '../sign-in.ts'
import { visible } from '../visible.ts'
import { updateConfig } from './change-config.ts'
import { type Config, readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { jsonLine } from './json.ts'
import { everySignIn, othersThan } from './kept-sign-ins.ts'
import { httpClient, signInsIn, storeSurroundings } from './open-sign-ins.ts'
import { openBrowser } from './open-browser.ts'
import { Passphrases } from './passphrase.ts'
import { showCode } from './show-code.ts'
import { type Provided, providerOf } from './sign-in-at.ts'
import { subjectLines, subjectRow, whoIs } from './whoami.ts'

/** What was asked for on the command line of `login`. */
export interface LoginOptions {
  readonly issuer: string | undefined
  readonly clientId: string | undefined
  readonly device: boolean
  readonly browser: boolean
  readonly store: 'keychain' | 'file' | undefined
  readonly json: boolean
}

/**
 * Signs a person in, keeps the tokens, and tells running shims. Throws SIGN_IN_FAILED, UNREACHABLE, KEYCHAIN, CANCELLED,
 * USAGE and what reading the settings throws.
 */
export async function login(options: LoginOptions, context: Context): Promise<void> {
  const config = await readConfig(context)
  const at = await providerOf(options, config, context)
  // Before anybody signs in: tokens that cannot be kept, or told of, would be lost.
  await tellNobody(context)
  const chosen = await chooseStore(options, context)
  const tokens = await signIn(at, options, config, context)
  await keep(tokens, chosen, config, context)
  if (chosen.notice !== null) context.stderr.write(`${chosen.notice}\n`)
  await tellWho(tokens, chosen, options, context)
}

async function chooseStore({ store }: LoginOptions, context: Context): Promise<ChosenStore> {
  const passphrases = new Passphrases(context)
  const { chooseTokenStore } = await import('../identity/choose-token-store.ts')
  const typed = context.stdin.isTTY === true && store === 'file'
  const none = 'Return alone: the key of this machine instead'
  const prompt = typed ? () => passphrases.makingOrNone('your sign-in', none) : null
  try {
    return await chooseTokenStore(store ?? null, storeSurroundings(context, prompt))
  } finally {
    passphrases.close() // or Control-C would be typed into it for as long as the sign-in takes
  }
}

async function signIn(
  { settings, resources }: Provided,
  { browser }: LoginOptions,
  config: Config,
  context: Context,
): Promise<Tokens> {
  const { discoverProvider } = await import('../identity/provider.ts')
  const http = httpClient(config, context)
  const provider = await discoverProvider(settings.issuer, http)
  const stop = new AbortController()
  context.onSignal((name) => stop.abort(name))
  const common = { settings, resources, provider, http, now: context.now, wait, signal: stop.signal }
  if (browser) {
    const { signInByBrowser } = await import('../identity/browser-flow.ts')
    return signInByBrowser({ ...common, openUrl: (url) => showAddress(url, context) })
  }
  const { signInByDevice } = await import('../identity/device-flow.ts')
  let shown: Promise<() => void> = Promise.resolve(() => undefined)
  try {
    return await signInByDevice({
      ...common,
      show: (prompt) => {
        shown = showCode(prompt, context)
      },
    })
  } finally {
    ;(await shown)()
  }
}

function showAddress(url: URL, context: Context): void {
  const opened = openBrowser(url, context)
  const what = opened ? 'Your browser was asked to open' : 'Open this in a browser on this machine'
  context.stderr.write(`${what}:\n\n  ${visible(url.href)}\n\n`)
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined)
}

async function keep(
  tokens: Tokens,
  { store, choice }: ChosenStore,
  config: Config,
  context: Context,
): Promise<void> {
  const { networkSettings } = await import('../remote/network-settings.ts')
  await endOthers(tokens, context)
  await (await signInsIn(store, config, context)).keep(tokens)
  const moved = await leaveOtherStore(choice, config, context)
  const { issuer, clientId } = tokens
  const network = networkSettings(context.env, config.network)
  if (config.network !== null && config.network.caFile !== network.caFile) {
    const [was, is] = [config.network.caFile, network.caFile].map((file) => visible(file ?? 'none'))
    context.stderr.write(`hoopctl: the CA file that is kept for \`wrap\` was ${was}, and is now ${is}\n`)
  }
  await updateConfig(context, (before) => ({
    ...before,
    // What `login` runs with, `wrap` must find: clients pass on almost nothing of the environment.
    network,
    tokens: { ...choice },
    signIn: { issuer, clientId, earlier: moved ? [] : othersThan(tokens, before.signIn) },
  }))
  const { tellShims } = await import('./tell-shims.ts')
  await tellShims('sign-in', tokens.claims, context)
}

// Before the sign-in is kept: what somebody else had active here is over, also when they sign in again.
async function endOthers({ issuer, claims }: Tokens, context: Context): Promise<void> {
  const { endActivations } = await import('./end-activations.ts')
  const isMeant = ({ sub }: { readonly sub: string }) => sub !== claims['sub']
  await endActivations({ issuer, isMeant, why: 'somebody else signed in' }, context)
}

// What is kept in a store that nothing looks into any more, `logout` would not find. It is not revoked: the provider may count it
// as one with the sign-in that was just made.
async function leaveOtherStore(
  { store }: ChosenStore['choice'],
  config: Config,
  context: Context,
): Promise<boolean> {
  const before = tokenStoreChoice(config.tokens)
  if (before === null || before.store === store) return false
  const left = await signInsIn(openTokenStore(before, storeSurroundings(context, null)), config, context)
  for (const one of everySignIn(config.signIn)) {
    const fault = await left.forget(one).then(() => null, keychainFault)
    if (fault !== null)
      context.stderr.write(`hoopctl: an earlier sign-in stays in the ${before.store}: ${fault.message}\n`)
  }
  return true
}

function keychainFault(failure: unknown): HoopctlError {
  if (failure instanceof HoopctlError && failure.code === 'KEYCHAIN') return failure
  throw failure
}

// Opens what `tellShims` will write to, and throws what that would throw.
async function tellNobody(context: Context): Promise<void> {
  const { withDeviceState } = await import('./device-state.ts')
  await withDeviceState(context, () => undefined)
}

async function tellWho(
  tokens: Tokens,
  { choice }: ChosenStore,
  { json }: LoginOptions,
  context: Context,
): Promise<void> {
  const { issuer, clientId, claims, confirmed } = tokens
  const signedIn: SignIn = { issuer, clientId, kind: 'human', claims, confirmed, store: choice.store }
  const who = await whoIs(signedIn, undefined, context)
  if (json) return void context.stdout.write(jsonLine(subjectRow(who)))
  context.stdout.write(`Signed in.\n${subjectLines(who).join('\n')}\n`)
  if (!who.counts) throw new HoopctlError('SIGN_IN_FAILED', who.why, { hint: who.hint })
}
