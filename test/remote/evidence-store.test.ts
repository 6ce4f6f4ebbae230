import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HeldAccessToken } from '../../src/identity/held-access-token.ts'
import { SignIns } from '../../src/identity/sign-ins.ts'
import { evidencePolicy } from '../../src/cli/upload/evidence-policy.ts'
import { assumeRoleWithIdToken } from '../../src/identity/assume-role.ts'
import type { EvidenceStore, StoredEvidence } from '../../src/remote/evidence-store.ts'
import { createHttpClient } from '../../src/remote/http-client.ts'
import { openEvidence } from '../../src/remote/open-evidence.ts'
import { aHome, partsIn } from '../identity/a-token-store.ts'
import { loopbackHttp } from '../identity/http.ts'
import { EVIDENCE, startProvider } from '../identity/provider.ts'
import { SETTINGS, signedIn } from '../identity/signed-in.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { webIdentityRole } from '../services/web-identity-role.ts'
import { startEvidenceServer, tokensOf } from './evidence-server.ts'
import { BARE } from './requests.ts'

interface Place extends AsyncDisposable {
  readonly store: EvidenceStore
}

const http = createHttpClient(BARE)
const noStore = whyNoRadosgw()
const bytesOf = (text: string): Uint8Array => Buffer.from(text)
const textOf = (read: StoredEvidence | null): string | null => read && Buffer.from(read.bytes).toString()

async function namesOf(listed: AsyncIterable<string>): Promise<string[]> {
  const names: string[] = []
  for await (const name of listed) names.push(name)
  return names
}

async function directory(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'hoopctl-evidence-'))
  const aws = { endpoint: null, region: null, credentials: null }
  return {
    store: openEvidence(pathToFileURL(join(root, 'audit')).href, { http, aws }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  }
}

/** A bucket that whoever signs in may do all in, by a role that is narrowed to what uploading takes. */
async function narrowedRole(): Promise<Place> {
  const gateway = await startRadosgw()
  const provider = await startProvider({ certified: true })
  await makeBucket(gateway)
  const { issuer } = provider
  const role = await webIdentityRole(gateway, { issuer, clientId: 'hoopctl', bucket: 'audit' })
  const url = 's3://audit/hoopctl/'
  const credentials = async () =>
    assumeRoleWithIdToken({
      role,
      idToken: (await signedIn(provider, 'alice')).idToken,
      kind: 'human',
      region: gateway.region,
      endpoint: new URL(gateway.endpoint),
      policy: evidencePolicy(url),
      sessionName: 'alice',
      durationSeconds: 900,
      http: loopbackHttp,
    })
  const aws = { endpoint: gateway.endpoint, region: null, credentials }
  return {
    store: openEvidence(url, { http, aws }),
    [Symbol.asyncDispose]: async () => {
      await provider[Symbol.asyncDispose]()
      await gateway[Symbol.asyncDispose]()
    },
  }
}

/** A web server that admits those to whom a provider gave an access token for it. */
async function webServer(): Promise<Place> {
  const [audience = ''] = EVIDENCE
  const provider = await startProvider()
  const server = await startEvidenceServer(tokensOf(provider.issuer, audience))
  const home = aHome()
  const signIns = new SignIns(partsIn(home.directory, () => new Date()))
  await signIns.keep(await signedIn(provider, 'alice', [audience]))
  const held = new HeldAccessToken(
    async () => {
      const given = await signIns.accessToken(
        { ...SETTINGS, issuer: provider.issuer },
        { audience, scope: null },
      )
      if ('token' in given) return given
      throw new Error(given.why)
    },
    () => new Date(),
  )
  const trusting = createHttpClient({ ...BARE, caFile: server.caFile })
  const aws = { endpoint: null, region: null, credentials: null }
  const bearer = held.get.bind(held)
  return {
    store: openEvidence(new URL('hoopctl', server.url).href, { http: trusting, aws, bearer }),
    [Symbol.asyncDispose]: async () => {
      expect(provider.grants.get('refresh_token')).toBe(1) // one token for all of it
      home[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
      await provider[Symbol.asyncDispose]()
    },
  }
}

async function makeBucket({ endpoint, region, admin }: Radosgw): Promise<void> {
  const owner = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
  await owner.send(new CreateBucketCommand({ Bucket: 'audit' }))
  owner.destroy()
}

const PLACES = [
  { kind: 'a directory', open: directory, skip: null, lists: true },
  {
    kind: 'an S3 bucket, by a role that is narrowed to its prefix',
    open: narrowedRole,
    skip: noStore,
    lists: true,
  },
  { kind: 'a web server, with an access token for it', open: webServer, skip: null, lists: false },
]

describe.each(PLACES)('$kind as a place for evidence', ({ open, skip, lists }) => {
  describe.skipIf(skip !== null)(skip ?? 'keeps the contract', () => {
    let place: Place
    let store: EvidenceStore
    beforeAll(async () => {
      place = await open()
      store = place.store
    })
    afterAll(() => place[Symbol.asyncDispose]())

    it('given an object, writes it once, under its very name; a second one of that name changes nothing', async () => {
      const name = '2026-11-21/orders/alice%40acme.example/S/0000000000.jsonl'
      expect(await store.put(name, bytesOf('one'))).toBe('written')
      expect(await store.put(name, bytesOf('two'))).toBe('there-already')
      expect(textOf(await store.get(name, 100))).toBe('one')
      expect(await store.get(name.replace('%40', '%41'), 100)).toBeNull()
    })

    it('given twenty who write one name at once, lets one of them', async () => {
      const all = Array.from({ length: 20 }, (_, i) => store.put('race/a.jsonl', bytesOf(`by ${i}`)))
      const outcomes = await Promise.all(all)
      expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1)
      expect(textOf(await store.get('race/a.jsonl', 100))).toBe(`by ${outcomes.indexOf('written')}`)
    })

    it('given an object longer than is wanted, refuses it; as long, reads it', async () => {
      await store.put('long/a.jsonl', bytesOf('x'.repeat(2000)))
      await expect(store.get('long/a.jsonl', 1999)).rejects.toMatchObject({ code: 'UNREACHABLE' })
      expect((await store.get('long/a.jsonl', 2000))?.bytes.length).toBe(2000)
    })

    it('given an object as long as a segment may be, writes it and reads it back', async () => {
      const bytes = new Uint8Array(5 * 1024 * 1024).fill(0x78)
      expect(await store.put('large/a.jsonl', bytes)).toBe('written')
      const held = await store.get('large/a.jsonl', bytes.length)
      expect(held && Buffer.compare(held.bytes, bytes)).toBe(0)
    })

    it.runIf(lists)('lists names below a prefix, in order; what is no evidence is left out', async () => {
      const names = [
        'list/a/0.jsonl',
        'list/a%40b/0.jsonl',
        'list/a-b/1.jsonl',
        'list/a-b/0.jsonl',
        'list/b.jsonl',
      ]
      for (const name of names) await store.put(name, bytesOf('x'))
      const below = async (prefix: string) => namesOf(store.list(prefix))
      expect(await below('list/')).toEqual(names.toSorted())
      expect([await below('list/a-b/'), await below('list/none/')]).toEqual([
        ['list/a-b/0.jsonl', 'list/a-b/1.jsonl'],
        [],
      ])
      expect(await below('')).toEqual(expect.arrayContaining(names))
      await expect(below('../')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    })

    it('given a try, says that it can be read and written, and leaves nothing there', async () => {
      expect(await store.probe()).toBeNull()
      if (lists) expect(await namesOf(store.list('_check/'))).toEqual([])
    })

    it.each(['../a', 'a/../b', '/a', 'a//b', 'a/.b', 'a%2e', 'a\\b', 'é', ''])(
      'given the name `%s`, writes and reads nothing',
      async (name) => {
        await expect(store.put(name, bytesOf('x'))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
        await expect(store.get(name, 100)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
      },
    )
  })
})

it.skipIf(noStore !== null)(
  'given a role that may do all in a bucket, what is uploaded with cannot leave its prefix',
  async () => {
    await using gateway = await startRadosgw()
    await using provider = await startProvider({ certified: true })
    await makeBucket(gateway)
    const role = await webIdentityRole(gateway, {
      issuer: provider.issuer,
      clientId: 'hoopctl',
      bucket: 'audit',
    })
    const given = await assumeRoleWithIdToken({
      role,
      idToken: (await signedIn(provider, 'alice')).idToken,
      kind: 'human',
      region: gateway.region,
      endpoint: new URL(gateway.endpoint),
      policy: evidencePolicy('s3://audit/hoopctl/'),
      sessionName: 'alice',
      durationSeconds: 900,
      http: loopbackHttp,
    })
    const aws = { endpoint: gateway.endpoint, region: null, credentials: async () => given }
    const elsewhere = openEvidence('s3://audit/other/', { http, aws })
    await expect(elsewhere.put('a.jsonl', bytesOf('x'))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: '`s3://audit/other/a.jsonl` may not be written (403)',
    })
  },
)
