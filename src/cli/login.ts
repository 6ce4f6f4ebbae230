import { setTimeout as pause } from 'node:timers/promises'
import { HoopctlError } from '../errors.ts'
import { type ChosenStore, openTokenStore } from '../identity/choose-token-store.ts'
import { tokenStoreChoice } from '../identity/token-store-choice.ts'
import type { SignIns } from '../identity/sign-ins.ts'
import type { Tokens } from '../identity/tokens.ts'
import type { SignIn } from '../sign-in.ts'
import { visible } from '../visible.ts'
import { updateConfig } from './change-config.ts'
import { type Config, readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { jsonLine } from './json.ts'
import { everySignIn, isSame, othersThan } from './kept-sign-ins.ts'
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
  // Before and after: whoever does not want it there does not sign in, and a QR code may have pushed it out of sight.
  context.stderr.write(`${chosen.notice ?? 'Your sign-in will be kept in the keychain.'}\n`)
  const tokens = await signIn(at, options, config, context)
  await keep(tokens, chosen, config, context)
  context.stderr.write(`Your sign-in is kept in ${placeOf(chosen)}.\n`)
  await tellWho(tokens, chosen, options, context)
}

async function chooseStore(options: LoginOptions, context: Context): Promise<ChosenStore> {
  const passphrases = new Passphrases(context)
  const { chooseTokenStore } = await import('../identity/choose-token-store.ts')
  const ask = (_purpose: 'new' | 'open', noKeychain: string | null) => {
    if (noKeychain !== null) context.stderr.write(`${choiceWithout(noKeychain)}\n`)
    return passphrases.makingOrNone('your sign-in', 'Return alone: the key of this machine instead')
  }
  try {
    const prompt = mayAsk(options, context) ? ask : null
    return await chooseTokenStore(options.store ?? null, storeSurroundings(context, prompt))
  } finally {
    passphrases.close() // or Control-C would be typed into it for as long as the sign-in takes
  }
}

// Who did not ask for a file is asked only where they are sure to see the question, and a program is not.
function mayAsk({ store, json }: LoginOptions, { stdin, stderr }: Context): boolean {
  if (stdin.isTTY !== true) return false
  return store === 'file' || (!json && stderr.isTTY === true)
}

function choiceWithout(noKeychain: string): string {
  return [
    `No keychain keeps your sign-in here: ${visible(noKeychain)}.`,
    'It will be kept in an encrypted file. A passphrase keeps that from whoever has your files, and clients then',
    'need HOOPCTL_PASSPHRASE in the `env` of their entries. The key of this machine lies in a file beside it: it',
    'keeps your sign-in from other users, and from nobody who can read your files.',
  ].join('\n')
}

function placeOf({ choice }: ChosenStore): string {
  if (choice.store === 'keychain') return 'the keychain'
  const opens = choice.key === 'machine' ? 'a key of this machine opens' : 'your passphrase opens'
  return `an encrypted file, which ${opens}`
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
  const signIns = await signInsIn(store, config, context)
  await endReplaced(signIns, tokens, config, context)
  await signIns.keep(tokens)
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

// Before the sign-in is kept: what whoever it replaces had active here is over, also when they sign in again. Who that is is
// known by the client, too: providers may name one person differently to each. Where it cannot be read, it is anybody else.
async function endReplaced(
  signIns: SignIns,
  tokens: Tokens,
  config: Config,
  context: Context,
): Promise<void> {
  const { issuer, clientId, claims } = tokens
  const former = await signIns.current({ issuer, clientId, maxAgeMs: Number.MAX_SAFE_INTEGER })
  const isKnown = everySignIn(config.signIn).some((one) => isSame(one, tokens))
  if (former.kind === 'none' && !isKnown) return
  const replaced = 'claims' in former ? former.claims['sub'] : null
  const { endActivations } = await import('./end-activations.ts')
  const isMeant = ({ sub }: { readonly sub: string }) =>
    sub !== claims['sub'] && (replaced === null || sub === replaced)
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
  if (!who.counts && !who.isEarly) throw new HoopctlError('SIGN_IN_FAILED', who.why, { hint: who.hint })
}
