import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { segmentName, sessionPrefix } from '../../src/audit/upload/segment-key.ts'
import { type Confirmation, uploadLog, type UploadLedger } from '../../src/audit/upload/upload-log.ts'
import { HeldAccessToken } from '../../src/identity/held-access-token.ts'
import type { EvidenceStore } from '../../src/remote/evidence-store.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openEvidence } from '../../src/remote/open-evidence.ts'
import { Secret } from '../../src/secret.ts'
import { type EvidenceServer, startEvidenceServer } from './evidence-server.ts'
import { answerWith, startHttpServer, startHttpsServer } from './https-server.ts'
import { BARE, impatient } from './requests.ts'

const AWS = { endpoint: null, region: null, credentials: null }
const NAME = '2026-11-21/orders/alice%40acme.example/S/0000000000.jsonl'
const PATH = `/hoopctl/${NAME.replace('%', '%25')}`
const BYTES = Buffer.from('one\ntwo\n')

let server: EvidenceServer
let store: EvidenceStore
let pauses: number[]
let made: number
beforeEach(async () => {
  made = 0
  server = await startEvidenceServer(() => true)
  ;({ store, pauses } = open(new URL('hoopctl/', server.url).href, server.caFile))
})
afterEach(() => server[Symbol.asyncDispose]())

/** Opens a place; each token that is made is named by its number. */
function open(url: string, caFile: string | null, tokenSeconds = 600) {
  const { waiting, pauses: waited } = impatient()
  const http = createHttpClient({ ...BARE, caFile }, waiting)
  const make = async () => {
    made += 1
    return { token: new Secret(`token-${made}`), expires: new Date(Date.now() + tokenSeconds * 1000) }
  }
  const held = new HeldAccessToken(make, () => new Date())
  return {
    store: openEvidence(url, { http, aws: AWS, bearer: (refused) => held.get(refused) }),
    pauses: waited,
  }
}

const host = () => `localhost:${server.port}`
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'UNREACHABLE' })
  return `${(error as Error).message} → ${String(Reflect.get(error as Error, 'hint'))}`.replaceAll(
    host(),
    'HOST',
  )
}

describe('a web server as a place for evidence', () => {
  it('given an object, puts it under its very name, once, and reads it back by the same URL, with the token at both', async () => {
    expect(await store.put(NAME, BYTES)).toBe('written')
    expect(await store.get(NAME, 100)).toEqual({ bytes: BYTES, etag: '"8"', version: null })
    expect([...server.objects.keys()]).toEqual([`/hoopctl/${NAME}`])
    const [put, get] = server.seen
    expect(put).toMatchObject({ method: 'PUT', url: PATH, body: BYTES })
    expect(put?.headers).toMatchObject({
      authorization: 'Bearer token-1',
      'if-none-match': '*',
      'content-type': 'application/x-ndjson',
    })
    expect(get).toMatchObject({ method: 'GET', url: PATH })
    expect(get?.headers).toMatchObject({ authorization: 'Bearer token-1', 'cache-control': 'no-cache' })
  })

  it('given a try, asks for what cannot be there and sends what must not be taken, and leaves nothing', async () => {
    expect(await store.probe()).toBeNull()
    expect(server.objects.size).toBe(0)
    const [get, put] = server.seen
    expect([get?.method, put?.method, put?.url]).toEqual(['GET', 'PUT', get?.url])
    expect(put?.headers).toMatchObject({ authorization: 'Bearer token-1', 'if-match': '"none"' })
  })

  it('given a try of a server that takes it all the same, names what lies there now', async () => {
    server.lie = ({ method }, response) => void response.writeHead(method === 'PUT' ? 201 : 404).end()
    const left = await store.probe()
    expect(server.seen.at(-1)?.url).toBe(`/hoopctl/${left}`)
  })

  it.each([
    ['GET', 403, '`https://HOST/hoopctl/_check/…` may not be read (403)'],
    ['PUT', 403, '`https://HOST/hoopctl/_check/…` may not be written (403)'],
    ['PUT', 405, '`HOST` takes nothing at `/hoopctl/_check/…` (405)'],
    ['PUT', 404, '`HOST` takes nothing at `/hoopctl/_check/…` (404)'],
    ['GET', 401, '`HOST` refuses the access token, and a new one too (401)'],
  ])('given a try of which %s is answered %i, says what is in the way', async (refused, status, expected) => {
    server.lie = ({ method }, response) => void response.writeHead(method === refused ? status : 404).end()
    const said = await failure(store.probe())
    expect(said.replace(/_check\/[0-9a-f-]{36}/u, '_check/…')).toContain(`${expected} → `)
  })

  it('given a person whose name is `..`, stays below its URL', async () => {
    const prefix = sessionPrefix({ session: 'S', started: '2026-11-21', server: '..', subject: '..' })
    await store.put(`${prefix}${segmentName(0)}`, BYTES)
    expect([...server.objects.keys()]).toEqual(['/hoopctl/2026-11-21/%2E./%2E./S/0000000000.jsonl'])
  })

  it.each([200, 204])('given %s, counts it as written; what is not there is null', async (status) => {
    server.lie = answerWith(status)
    expect(await store.put(NAME, BYTES)).toBe('written')
    server.lie = answerWith(410)
    expect(await store.get(NAME, 100)).toBeNull()
  })

  it('given that names are asked for, says what to name instead', () => {
    expect(() => store.list('')).toThrow(
      expect.objectContaining({
        code: 'INPUT_INVALID',
        message: `\`${server.url.href}hoopctl/\` cannot be listed: https has no way to ask for names`,
        hint: 'compare logs of this laptop with it: hoopctl sessions verify --remote SESSION; or copy from there into a directory',
      }),
    )
  })

  it('given no token for it, is not opened', () => {
    const http = createHttpClient(BARE)
    expect(() => openEvidence('https://evidence.acme.example/', { http, aws: AWS })).toThrow(
      'there is no access token for `evidence.acme.example`',
    )
  })
})

describe('the access token', () => {
  it('given many objects, is made once; shortly before its end, anew', async () => {
    for (const line of [0, 1, 2]) await store.put(`a/${segmentName(line)}`, BYTES)
    expect(made).toBe(1)
    const { store: short } = open(server.url.href, server.caFile, 0)
    await short.put('b/0', BYTES)
    await short.put('b/1', BYTES)
    expect(made).toBe(3)
  })

  it('given that it is refused before its end, a fresh one is tried, once', async () => {
    await using strict = await startEvidenceServer((token) => token !== 'token-1')
    const { store: there } = open(strict.url.href, strict.caFile)
    expect(await there.put(NAME, BYTES)).toBe('written')
    expect(await there.get(NAME, 100)).toMatchObject({ bytes: BYTES })
    expect(made).toBe(2)
    await using shut = await startEvidenceServer(() => false)
    const { store: closed } = open(shut.url.href, shut.caFile)
    await expect(closed.put(NAME, BYTES)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`localhost:${shut.port}\` refuses the access token, and a new one too (401)`,
      hint: 'compare `audience` in the policy, and the issuer, with what the server expects of a token',
    })
    expect(shut.seen.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer token-3',
      'Bearer token-4',
    ])
  })

  it.each([301, 302, 303, 307, 308])(
    '[INV-5] given a redirect (%s), it goes nowhere else',
    async (status) => {
      await using elsewhere = await startHttpServer(answerWith(200))
      server.lie = answerWith(status, '', { location: elsewhere.url.href })
      const why = `\`HOST\` answered ${status} for \`${PATH}\`: a redirect, which is not followed: the token is for this server → name the final address in \`audit.upload.to\``
      expect(await failure(store.put(NAME, BYTES))).toBe(why)
      expect(await failure(store.get(NAME, 100))).toBe(why)
      expect(elsewhere.seen).toEqual([])
    },
  )

  it('[INV-5] given http to another machine, or a certificate that nobody here trusts, it is not sent', async () => {
    const { store: plain } = open('http://evidence.acme.example/', null)
    await expect(plain.put(NAME, BYTES)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const { store: foreign } = open(server.url.href, null)
    expect(await failure(foreign.put(NAME, BYTES))).toMatch(
      /^`HOST` has a certificate of a CA that is not trusted here \(\w+\) → if a company CA signs here, name its file: NODE_EXTRA_CA_CERTS=FILE/u,
    )
    await using other = await startHttpsServer(answerWith(201), ['DNS:other.example'])
    const { store: misnamed } = open(other.url.href, other.caFile)
    expect(await failure(misnamed.put(NAME, BYTES))).toContain('has a certificate for other names')
    expect([...server.seen, ...other.seen]).toEqual([])
  })

  it('given plain http to this machine, is sent', async () => {
    await using here = await startHttpServer(answerWith(201))
    const { store: local } = open(here.url.href, null)
    expect(await local.put(NAME, BYTES)).toBe('written')
  })
})

describe('a server that takes or gives nothing', () => {
  it.each([
    [403, '`https://HOST$PATH` may not be written (403) → ask who runs it to let this subject write there'],
    [
      404,
      '`HOST` takes nothing at `$PATH` (404) → check the URL in `audit.upload.to`: the server must take PUT there, below any folder',
    ],
    [
      405,
      '`HOST` takes nothing at `$PATH` (405) → check the URL in `audit.upload.to`: the server must take PUT there, below any folder',
    ],
    [
      409,
      '`HOST` says that something is in the way of `$PATH` (409) → it is tried again later; a WebDAV server must make missing folders by itself',
    ],
    [
      413,
      '`HOST` takes no object of 8 bytes (413) → ask who runs it for a higher limit: segments have 4 MiB, and more where one record is longer',
    ],
    [500, '`HOST` cannot answer now (500) → nothing is lost: it is tried again later'],
    [202, '`HOST` answered 202 for `$PATH` → try again later, or ask who runs it'],
  ])('given %s to a PUT, says what is wrong and what to do', async (status, says) => {
    server.lie = answerWith(status)
    expect(await failure(store.put(NAME, BYTES))).toBe(says.replaceAll('$PATH', PATH))
  })

  it.each([
    [
      403,
      '`https://HOST$PATH` may not be read (403) → ask who runs it to let this subject read there: only what was read back counts as sent',
    ],
    [204, '`HOST` answered 204 for `$PATH` → try again later, or ask who runs it'],
    [503, '`HOST` cannot answer now (503) → nothing is lost: it is tried again later'],
  ])('given %s to a GET, says what is wrong and what to do', async (status, says) => {
    server.lie = answerWith(status)
    expect(await failure(store.get(NAME, 100))).toBe(says.replaceAll('$PATH', PATH))
  })

  it('given 429, waits as long as the server asks, up to half a minute; for longer, leaves it to the next upload', async () => {
    let answers = 0
    server.lie = (...all) => {
      answers += 1
      if (answers < 3) answerWith(429, '', { 'retry-after': '7' })(...all)
      else answerWith(201)(...all)
    }
    expect(await store.put(NAME, BYTES)).toBe('written')
    expect(pauses.every((pause) => pause >= 7000)).toBe(true)
    expect(pauses).toHaveLength(2)
    server.lie = answerWith(429, '', { 'retry-after': '3600' })
    expect(await failure(store.put(NAME, BYTES))).toBe(
      '`HOST` cannot answer now (429), and asks to wait for 3600 s → nothing is lost: it is tried again later',
    )
    expect(pauses).toHaveLength(2)
  })

  it('given half a body, and nothing at all, says so', async () => {
    server.lie = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      response.destroy()
    }
    expect(await failure(store.get(NAME, 100))).toContain(
      '`HOST` closed the connection before its answer was complete',
    )
    server.lie = (_request, response) => response.destroy()
    expect(await failure(store.put(NAME, BYTES))).toContain('closed the connection')
  })

  it('given that it is not there, says so', async () => {
    const { store: gone } = open('https://localhost:1/', null)
    await expect(gone.put(NAME, BYTES)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})

describe('an upload to a web server that lies', () => {
  function log() {
    const directory = mkdtempSync(join(tmpdir(), 'hoopctl-log-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 's.jsonl')
    writeFileSync(path, BYTES)
    return { session: 'S', path, prefix: 'd/s/p/S/', isOver: true }
  }
  const confirmed: Confirmation[] = []
  const ledger: UploadLedger = {
    position: () => ({ line: 0, start: 0 }),
    told: () => undefined,
    confirm: (each) => void confirmed.push(each),
  }
  const upload = () => {
    confirmed.length = 0
    const to = { url: server.url.href, ...store }
    return uploadLog(log(), to, ledger, () => new Date())
  }

  it('given an honest one, is confirmed with its etag', async () => {
    expect(await upload()).toEqual({ segments: 1, bytes: 8, there: 0 })
    expect(confirmed).toMatchObject([{ key: 'd/s/p/S/0000000000.jsonl', etag: '"8"', version: null }])
  })

  it('given that it says yes and keeps nothing, is not confirmed', async () => {
    server.lie = ({ method }, response) => void response.writeHead(method === 'PUT' ? 201 : 404).end()
    await expect(upload()).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: `\`${server.url.href}\` said that it took \`d/s/p/S/0000000000.jsonl\`, and does not have it`,
    })
    expect(confirmed).toEqual([])
  })

  it.each([
    ['other bytes', 'one\ntwo!'],
    ['half of them', 'one\n'],
    ['more', 'one\ntwo\nthree\n'],
    ['a page that says that all is well', '<html>ok</html>'],
  ])('given that it gives back %s, is a conflict, and not confirmed', async (_given, body) => {
    server.lie = ({ method }, response) => void response.writeHead(method === 'PUT' ? 201 : 200).end(body)
    await expect(upload()).rejects.toMatchObject({
      code: 'UPLOAD_CONFLICT',
      message: `\`d/s/p/S/0000000000.jsonl\` at \`${server.url.href}\` holds other bytes than the log`,
    })
    expect(confirmed).toEqual([])
  })
})
