import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { signJws, writeJws } from '../../../src/policy/jws.ts'
import { parsePublicKey, publicKeyId } from '../../../src/policy/public-key.ts'
import { trustDigest } from '../../../src/policy/trust-chain.ts'
import { trustYaml } from '../../../src/policy/trust-document.ts'
import { type HttpsServer, startHttpsServer } from '../../remote/https-server.ts'

/** Whoever publishes a company's policy: an https server with its own CA, and what it serves. */
export interface Publisher extends AsyncDisposable {
  readonly server: HttpsServer
  /** `https://localhost:PORT/p/acme.jws`. */
  readonly url: string
  /** What is served, by path below `/p/`. */
  readonly files: Map<string, Buffer>
  /** Answers nobody any more; or again. */
  away: boolean
  /** Which paths were asked for, and what was answered: `acme.jws 304`. */
  readonly answers: string[]
}

/** Starts a Publisher that has nothing yet. */
export async function startPublisher(): Promise<Publisher> {
  const files = new Map<string, Buffer>()
  const answers: string[] = []
  const state = { away: false }
  const server = await startHttpsServer(({ url, headers }, response) => {
    const name = url.replace(/^\/p\//u, '')
    const file = files.get(name)
    const etag = file === undefined ? '' : `"${createHash('sha256').update(file).digest('hex')}"`
    const status = state.away ? 403 : file === undefined ? 404 : headers['if-none-match'] === etag ? 304 : 200
    answers.push(`${name} ${status}`)
    response.writeHead(status, status < 400 ? { etag } : {}).end(status === 200 ? file : '')
  })
  return {
    server,
    url: new URL('p/acme.jws', server.url).href,
    files,
    answers,
    get away() {
      return state.away
    },
    set away(away) {
      state.away = away
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Makes private keys. */
export function makeKeys(count: number): KeyObject[] {
  return Array.from({ length: count }, () => generateKeyPairSync('ed25519').privateKey)
}

interface TrustFacts {
  readonly number: number
  readonly signers: readonly KeyObject[]
  readonly threshold?: number
  readonly minVersion?: number
  /** Who signs it; absent: those whom it names. */
  readonly by?: readonly KeyObject[]
}

/** Makes a trust document. */
export function trustFile({ number, signers, threshold = 1, minVersion, by = signers }: TrustFacts): Buffer {
  const keys = signers.map((key) => {
    const parsed = parsePublicKey(publicKeyId(key))
    if (!parsed.ok) throw new Error(parsed.why)
    return parsed.key
  })
  const yaml = trustYaml({ number, signers: keys, threshold, minVersion: minVersion ?? null })
  return signed(yaml, by, 'hoopctl-trust+yaml')
}

/** Signs a text as a policy, whatever stands in it. */
export function signed(
  text: string,
  by: readonly KeyObject[],
  type: 'hoopctl-policy+yaml' | 'hoopctl-trust+yaml' = 'hoopctl-policy+yaml',
): Buffer {
  const payload = Buffer.from(text)
  return Buffer.from(
    writeJws(
      payload,
      by.map((key) => signJws(payload, type, key)),
    ),
  )
}

/** Tells what pins a trust document. */
export function pinOf(document: Buffer): string {
  return trustDigest(document) ?? 'no trust document'
}

interface PolicyFacts {
  readonly version?: number
  readonly name?: string
  readonly expires?: string
  readonly more?: string
}

/** Writes a policy that may be signed; a stand-in server is in it. */
export function policyText({ version = 7, name = 'acme', expires, more = '' }: PolicyFacts = {}): string {
  return [
    'apiVersion: hoopctl/v1\nkind: Policy',
    `metadata: { name: ${name}, version: ${version}, expires: ${expires ?? '2026-12-10T00:00:00Z'} }`,
    'identity: { issuer: "https://login.acme.example", clientId: hoopctl }',
    `rules:\n  - allow: { tool: read_file }\n${more}`,
  ].join('\n')
}
