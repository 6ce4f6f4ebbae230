import type { Activation } from '../../src/activation.ts'
import { signInByBrowser } from '../../src/identity/browser-flow.ts'
import type { Provider } from '../../src/identity/provider.ts'
import { type GrantRequest, requestNonce, requestText } from '../../src/request-text.ts'
import { loopbackHttp } from './http.ts'
import type { TestProvider, User } from './provider.ts'

const HOUR = 3600_000

/** Who signs in for a receipt, and how. */
export interface HowSigned {
  readonly clientId?: string
  readonly user?: User
  /** Is the person asked anew who they are? */
  readonly fresh?: boolean
  /** Beside `openid`. */
  readonly scopes?: readonly string[]
}

/** Signs in for a text; gives the ID token. */
export function signReceipt(
  server: TestProvider,
  provider: Provider,
  text: string,
  how: HowSigned = {},
): Promise<string> {
  return signNonce(server, provider, requestNonce(text), how)
}

/** Signs in with a nonce, whatever it is of; gives the ID token. */
export async function signNonce(
  server: TestProvider,
  provider: Provider,
  nonce: string,
  { clientId = 'hoopctl-approve', user = 'alice', fresh = true, scopes = [] }: HowSigned = {},
): Promise<string> {
  const opened = Promise.withResolvers<URL>()
  const wait = (_ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  const settings = { clientId, scopes, redirectPort: null }
  const given = { settings, provider, http: loopbackHttp, now: () => new Date(), wait, fresh }
  const tokens = signInByBrowser({ ...given, openUrl: opened.resolve, nonce })
  await server.answerBrowser(await opened.promise, user)
  return (await tokens).idToken.reveal()
}

/** Makes an activation of `orders-write` that a request and a token are said to prove. */
export function activation(request: GrantRequest, idToken: string): Activation {
  const { policy, issuer, sub, device } = request
  const started = new Date()
  const expires = new Date(started.getTime() + HOUR)
  const proof = { kind: 'oidc', idToken, request: requestText(request) } as const
  const own = { id: 'one', grant: 'orders-write', reason: 'INC-1', uses: null }
  return { ...own, policy, issuer, sub, device, started, expires, proof }
}
