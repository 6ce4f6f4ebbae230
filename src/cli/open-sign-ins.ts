import { openTokenStore, type StoreSurroundings } from '../identity/choose-token-store.ts'
import { SignIns } from '../identity/sign-ins.ts'
import { tokenStoreChoice } from '../identity/token-store-choice.ts'
import type { HttpClient } from '../http.ts'
import type { NoSignIn } from '../sign-in.ts'
import type { TokenStore } from '../identity/token-store.ts'
import type { Tokens } from '../identity/tokens.ts'
import { networkSettings } from '../remote/network-settings.ts'
import { Locks } from '../state/locks.ts'
import { type Config, readConfig } from './config-file.ts'
import type { Context } from './context.ts'

/** What nobody has signed in yet comes to. */
export const NOBODY: NoSignIn = { kind: 'none', why: 'nobody is signed in', hint: 'run: hoopctl login' }

/**
 * Opens the sign-ins in the store that `login` chose, and no other; null where `login` never chose one. Throws
 * INPUT_INVALID for settings that cannot be read.
 */
export async function openSignIns(
  context: Context,
  prompt: StoreSurroundings['prompt'],
): Promise<SignIns | null> {
  const config = await readConfig(context)
  const choice = tokenStoreChoice(config.tokens)
  if (choice === null) return null
  return signInsIn(openTokenStore(choice, storeSurroundings(context, prompt)), config, context)
}

/** Gives the sign-ins that are kept in a store. */
export async function signInsIn(store: TokenStore, config: Config, context: Context): Promise<SignIns> {
  const locks = new Locks(context.directories().run)
  return new SignIns({
    store,
    http: httpClient(config, context),
    now: context.now,
    withLock: (name, waitMs, work) => locks.withLock(name, waitMs, work),
    onEnded: (tokens, keep) => endTheirs(tokens, keep, context),
  })
}

// Who may not sign in any more has nothing active, also once they may again; running sessions hear of it at once.
async function endTheirs(
  { issuer, claims }: Tokens,
  keep: () => Promise<void>,
  context: Context,
): Promise<void> {
  const { endActivations } = await import('./end-activations.ts')
  const { tellShims } = await import('./tell-shims.ts')
  const isMeant = ({ sub }: { readonly sub: string }) => sub === claims['sub']
  try {
    await endActivations({ issuer, isMeant, why: 'the provider has ended the sign-in' }, context)
  } finally {
    await keep()
  }
  await tellShims('sign-out', claims, context)
}

/** Makes the client for this person's network; what it needs is loaded with the first request. */
export function httpClient(config: Config, { env }: Context): HttpClient {
  let client: Promise<HttpClient> | null = null
  return async (url, request) => {
    client ??= loadClient(config, env)
    return (await client)(url, request)
  }
}

/** Tells a token store what it needs of the world. */
export function storeSurroundings(context: Context, prompt: StoreSurroundings['prompt']): StoreSurroundings {
  return {
    env: context.env,
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    directories: context.directories(),
    prompt,
  }
}

async function loadClient({ network }: Config, env: Context['env']): Promise<HttpClient> {
  const { createHttpClient } = await import('../remote/http-client.ts')
  return createHttpClient(networkSettings(env, network))
}
