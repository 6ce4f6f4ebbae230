import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Json = Readonly<Record<string, unknown>>
type Edit = (honest: Json) => unknown
export type Door = 'discovery' | 'jwks' | 'device' | 'token'

/** How the provider lies; what is not named is as it should be. */
export interface Lie {
  readonly header?: Edit
  readonly claims?: Edit
  /** Edits the JSON text of the claims, or of the header. */
  readonly claimsText?: (text: string) => string
  readonly headerText?: (text: string) => string
  /** Who signs: the key of the key set, another, a weak one that the key set has, or nobody. */
  readonly signer?: 'own' | 'other' | 'weak' | 'public-as-secret' | 'nobody'
  readonly token?: (token: string) => string
  readonly metadata?: Edit
  readonly keys?: (keys: readonly Json[]) => unknown
  readonly device?: Edit
  /** Edits what the token endpoint answers. */
  readonly answer?: Edit
  /** Answers at one door in a way of its own. */
  readonly reply?: (response: ServerResponse) => void
  readonly at?: Door
}

/** A provider of ours that can lie. Anyone who asks is signed in as alice. */
export interface HostileProvider extends AsyncDisposable {
  readonly issuer: string
  /** The doors that were knocked at, in order. */
  readonly asked: readonly string[]
  lie: Lie
}

const OWN = generateKeyPairSync('rsa', { modulusLength: 2048 })
const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 })
const WEAK = generateKeyPairSync('rsa', { modulusLength: 1024 })

/** What only the owner of the key may know, in the form of a key set. */
export const OWN_PRIVATE: Json = { ...OWN.privateKey.export({ format: 'jwk' }), kid: 'own', use: 'sig' }

/** A key that the provider does not publish, in the form in which a token can bring it. */
export const OTHER_PUBLIC: Json = { ...OTHER.publicKey.export({ format: 'jwk' }), kid: 'other' }

/** Starts it; it is honest until `lie` says how not. */
export async function startHostileProvider(lie: Lie = {}): Promise<HostileProvider> {
  const asked: string[] = []
  let nonce: string | null = null
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', provider.issuer)
    asked.push(url.pathname)
    if (url.pathname === '/authorize') {
      nonce = url.searchParams.get('nonce')
      return comeBack(url, response)
    }
    request.resume() // whoever asks gets the same
    answer(request, response, provider, nonce)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // an IP server's address is never a path
  const provider: HostileProvider = {
    issuer: `http://127.0.0.1:${port}`,
    asked,
    lie,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return provider
}

function comeBack(url: URL, response: ServerResponse): void {
  const back = new URL(url.searchParams.get('redirect_uri') ?? '')
  back.search = String(new URLSearchParams({ code: 'c', state: url.searchParams.get('state') ?? '' }))
  response.writeHead(302, { location: back.href }).end()
}

const DOORS: Readonly<Record<string, Door>> = {
  '/.well-known/openid-configuration': 'discovery',
  '/jwks': 'jwks',
  '/device': 'device',
  '/token': 'token',
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { issuer, lie }: HostileProvider,
  nonce: string | null,
): void {
  const door = DOORS[request.url ?? '']
  if (door === undefined) return void response.writeHead(404).end()
  if (lie.reply !== undefined && lie.at === door) return lie.reply(response)
  const bodies: Record<Door, () => unknown> = {
    discovery: () => edit(lie.metadata, metadataOf(issuer)),
    jwks: () => ({ keys: (lie.keys ?? ((keys) => keys))(publicKeys(lie)) }),
    device: () =>
      edit(lie.device, {
        device_code: 'd',
        user_code: 'ABCD-EFGH',
        verification_uri: `${issuer}/verify`,
        expires_in: 600,
      }),
    token: () =>
      edit(lie.answer, {
        access_token: 'a',
        token_type: 'Bearer',
        refresh_token: 'r',
        id_token: idToken(issuer, lie, nonce),
      }),
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(bodies[door]()))
}

function edit(change: Edit | undefined, honest: Json): unknown {
  return change === undefined ? honest : change(honest)
}

function metadataOf(issuer: string): Json {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    token_endpoint: `${issuer}/token`,
    authorization_endpoint: `${issuer}/authorize`,
    device_authorization_endpoint: `${issuer}/device`,
    id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
  }
}

function publicKeys({ signer }: Lie): Json[] {
  const key = signer === 'weak' ? WEAK : OWN
  return [{ ...key.publicKey.export({ format: 'jwk' }), kid: 'own', use: 'sig' }]
}

function idToken(issuer: string, lie: Lie, nonce: string | null): string {
  const seconds = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, sub: 'alice', aud: 'hoopctl', exp: seconds + 3600, iat: seconds }
  const header = JSON.stringify(edit(lie.header, { alg: 'RS256', kid: 'own', typ: 'JWT' }))
  const payload = JSON.stringify(edit(lie.claims, nonce === null ? claims : { ...claims, nonce }))
  const asIs = (text: string) => text
  const input = [(lie.headerText ?? asIs)(header), (lie.claimsText ?? asIs)(payload)]
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.')
  return (lie.token ?? asIs)(`${input}.${signature(input, lie.signer ?? 'own')}`)
}

function signature(input: string, signer: NonNullable<Lie['signer']>): string {
  const rsa = (key: KeyObject) => sign('sha256', Buffer.from(input), key).toString('base64url')
  switch (signer) {
    case 'own':
      return rsa(OWN.privateKey)
    case 'other':
      return rsa(OTHER.privateKey)
    case 'weak':
      return rsa(WEAK.privateKey)
    case 'nobody':
      return ''
    case 'public-as-secret': {
      const pem = OWN.publicKey.export({ type: 'spki', format: 'pem' })
      return createHmac('sha256', pem).update(input).digest('base64url')
    }
  }
}
