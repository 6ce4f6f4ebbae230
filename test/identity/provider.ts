import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Provider, { errors, type GrantContext } from 'oidc-provider'
import { type Page, PersonInBrowser } from './person-in-browser.ts'
import { createMemory } from './provider-memory.ts'

/** The people who may sign in at the provider for tests, and what it says of them. */
export const USERS = {
  alice: { email: 'alice@acme.example', email_verified: true, groups: ['engineering'] },
  bob: { email: 'bob@acme.example', email_verified: true, groups: ['dba', 'support'] },
  carol: { email: 'carol@acme.example', email_verified: true, groups: ['support'] },
  dora: { email: 'dora@acme.example', email_verified: true, groups: ['dba'] },
} as const

export type User = keyof typeof USERS

/** The workload's secret, and the audience that its tokens are for. */
export const WORKLOAD = {
  clientId: 'ci',
  secret: 'not-a-secret-but-long-enough-to-be-one',
  audience: 'hoopctl',
} as const

/** The services that the provider makes access tokens for. */
export const EVIDENCE: readonly string[] = ['https://evidence.acme.example', 'https://other.acme.example']

/** A real OpenID provider on loopback. */
export interface TestProvider extends AsyncDisposable {
  readonly issuer: string
  /** How many token requests of each grant type succeeded, and how many failed, under `failed:TYPE`. */
  readonly grants: ReadonlyMap<string, number>
  /** The private key (PEM) of client `ci-key`, whose public half the provider knows. */
  readonly workloadKey: string
  /** The person opens the address that the device showed, types the code and signs in, or says no. */
  answerDevice(userCode: string, user: User, answer?: 'yes' | 'no'): Promise<Page>
  /** The person opens the address in a browser and signs in; the last page is that of the loopback listener. */
  answerBrowser(url: string | URL, user: User, answer?: 'yes' | 'no'): Promise<Page>
  /** Answers so many of the next token requests with `slow_down`. */
  slowDown(times: number): void
  /** Signs with a new key from now on; the old one is gone from the key set. */
  rotateKeys(): void
  /** Keeps token requests waiting; `first` resolves once one waits, `release` lets those go on whose sender still lives. */
  hold(): { readonly first: Promise<void>; release(): void }
  /** Answers all with this status, without a body, until told otherwise. */
  fail(status: number | null): void
  close(): Promise<void>
}

/** What may be asked of the provider. Times are in seconds. */
export interface ProviderOptions {
  readonly idTokenSeconds?: number
  readonly deviceCodeSeconds?: number
  /** How ID tokens are signed. */
  readonly algorithm?: 'RS256' | 'ES256' | 'EdDSA'
  /** Is the signing key published with a certificate, as radosgw wants it? */
  readonly certified?: boolean
  /** Further clients, as oidc-provider wants them. */
  readonly clients?: readonly Readonly<Record<string, unknown>>[]
}

interface Gate {
  readonly first: PromiseWithResolvers<void>
  readonly released: PromiseWithResolvers<void>
}

const SCOPES = ['openid', 'email', 'groups', 'offline_access']

/** Starts oidc-provider: clients `hoopctl` (people), `hoopctl-approve` (receipts), `ci` and `ci-key` (workloads). */
export async function startProvider(options: ProviderOptions = {}): Promise<TestProvider> {
  const workload = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const grants = new Map<string, number>()
  let [slow, failing]: [number, number | null] = [0, null]
  let answer: ReturnType<Provider['callback']> = () => undefined
  let gate: Gate | null = null
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (failing !== null) return void response.writeHead(failing).end()
    if (request.url !== '/token') return answer(request, response)
    gate?.first.resolve()
    await gate?.released.promise
    if (request.socket.destroyed) return
    if (slow === 0) return answer(request, response)
    slow--
    response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"slow_down"}')
  }
  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // an IP server's address is never a path
  const issuer = `http://127.0.0.1:${port}`
  const memory = createMemory()
  const begin = () => {
    const settings = configuration(options, workload.publicKey.export({ format: 'jwk' }))
    const provider = new Provider(issuer, { ...settings, adapter: memory })
    count(provider, grants)
    answer = provider.callback()
  }
  begin()
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    issuer,
    grants,
    workloadKey: workload.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    answerDevice: (code, user, said = 'yes') => {
      const url = new URL(`/device?user_code=${encodeURIComponent(code)}`, issuer)
      return answerPages(url, user, said)
    },
    answerBrowser: (url, user, said = 'yes') => answerPages(new URL(url), user, said),
    slowDown: (times) => {
      slow = times
    },
    hold: () => {
      const held = { first: Promise.withResolvers<void>(), released: Promise.withResolvers<void>() }
      gate = held
      const release = () => {
        gate = null
        held.released.resolve()
      }
      return { first: held.first.promise, release }
    },
    rotateKeys: begin,
    fail: (status) => {
      failing = status
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function answerPages(url: URL, user: User, said: 'yes' | 'no'): Promise<Page> {
  let aborted = false
  return new PersonInBrowser().go(url, ({ id, fields }) => {
    if (aborted) return 'close' // the page offers to begin anew
    if (said === 'no' && fields.has('prompt')) return 'cancel'
    if (said === 'no' && id === 'op.deviceConfirmForm') {
      fields.set('abort', 'yes')
      aborted = true
    }
    if (fields.get('prompt') === 'login') {
      fields.set('login', user)
      fields.set('password', 'any')
    }
    return 'post'
  })
}

function count(provider: Provider, grants: Map<string, number>): void {
  const add = (prefix: string) => (context: GrantContext) => {
    const name = prefix + String(context.oidc.params?.['grant_type'])
    grants.set(name, (grants.get(name) ?? 0) + 1)
  }
  provider.on('grant.success', add(''))
  provider.on('grant.error', add('failed:'))
}

const PUBLIC = {
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
}

function clients(workloadKey: object, algorithm: string) {
  const device = 'urn:ietf:params:oauth:grant-type:device_code'
  const signed = { id_token_signed_response_alg: algorithm }
  const machine = { ...signed, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }
  return [
    {
      ...PUBLIC,
      ...signed,
      client_id: 'hoopctl',
      grant_types: [device, 'authorization_code', 'refresh_token'],
    },
    { ...PUBLIC, ...signed, client_id: 'hoopctl-before', grant_types: [device, 'refresh_token'] },
    {
      ...PUBLIC,
      ...signed,
      client_id: 'hoopctl-approve',
      grant_types: ['authorization_code'],
      require_auth_time: true,
    },
    { ...machine, client_id: WORKLOAD.clientId, client_secret: WORKLOAD.secret },
    {
      ...machine,
      client_id: 'ci-key',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...workloadKey, use: 'sig', kid: 'ci' }] },
    },
  ]
}

function signingKey(algorithm: string, certified: boolean): object {
  const { privateKey } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519')
  const certificate = certified ? { x5c: [certificateOf(privateKey)] } : {}
  return { ...privateKey.export({ format: 'jwk' }), ...certificate, use: 'sig', alg: algorithm }
}

function certificateOf(key: KeyObject): string {
  const directory = mkdtempSync(join(tmpdir(), 'hoopctl-certificate-'))
  try {
    const file = join(directory, 'key.pem')
    writeFileSync(file, key.export({ type: 'pkcs8', format: 'pem' }))
    const request = ['req', '-x509', '-new', '-key', file, '-days', '1', '-subj', '/CN=issuer']
    return execFileSync('openssl', [...request, '-outform', 'DER']).toString('base64')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function configuration(options: ProviderOptions, workloadKey: object): Readonly<Record<string, unknown>> {
  const { algorithm = 'RS256', idTokenSeconds = 3600, deviceCodeSeconds = 600 } = options
  const day = 24 * 3600
  return {
    clients: [...clients(workloadKey, algorithm), ...(options.clients ?? [])],
    // Only machines' tokens are JWTs, for their resource; people's are of no use but here.
    features: features(algorithm),
    jwks: { keys: [signingKey(algorithm, options.certified ?? false)] },
    cookies: { keys: ['a key that signs cookies of tests'] },
    scopes: SCOPES,
    claims: { email: ['email', 'email_verified'], groups: ['groups', 'realm_access'] },
    conformIdTokenClaims: false, // claims of scopes go into the ID token, as with other providers
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, ...claimsOf(id) }),
    }),
    issueRefreshToken: (_context: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      ClientCredentials: 600,
      DeviceCode: deviceCodeSeconds,
      IdToken: idTokenSeconds,
      Grant: day,
      Interaction: 600,
      RefreshToken: day,
      Session: day,
    },
  }
}

function features(algorithm: string) {
  const machines = new Set<string>([WORKLOAD.clientId, 'ci-key'])
  return {
    devInteractions: { enabled: true },
    deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: ({ oidc }: GrantContext) =>
        machines.has(oidc.client?.clientId ?? '') ? 'urn:acme:hoopctl' : undefined,
      getResourceServerInfo: (_context: unknown, resource: string) => ({
        audience: audienceOf(resource),
        scope: '',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: algorithm } },
      }),
    },
  }
}

function audienceOf(resource: string): string {
  if (resource === 'urn:acme:hoopctl') return WORKLOAD.audience
  if (EVIDENCE.includes(resource)) return resource
  throw new errors.InvalidTarget()
}

function claimsOf(id: string): Readonly<Record<string, unknown>> {
  if (!Object.hasOwn(USERS, id)) return {}
  const user = USERS[id as User]
  return { ...user, realm_access: { roles: user.groups } }
}
