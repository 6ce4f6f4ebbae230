import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordSession } from '../cli/recorded-session.ts'
import { startProvider } from '../identity/provider.ts'
import { type MoodyProxy, startMoodyProxy } from '../services/moody-proxy.ts'
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../services/radosgw.ts'
import { company, inBrowser } from './company.ts'
import { fixture, HOOPCTL, NODE } from './repo.ts'
import { identityAt } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

const noStore = whyNoRadosgw()
const KILLS = 200
const SHIMS = 3
const BUCKET = 'evidence'
const SEED = Number(process.env['HOOPCTL_TEST_SEED'] ?? randomInt(2 ** 31))

/** Gives the same numbers from 0 up to 1 for the same seed. */
function randomFrom(seed: number): () => number {
  let count = 0
  return () => createHash('sha256').update(`${seed}/${count++}`).digest().readUInt32BE() / 2 ** 32
}

interface Killing {
  readonly space: Workspace
  readonly proxy: MoodyProxy
  readonly store: S3Client
  /** The directory that is the second destination. */
  readonly directory: string
  readonly random: () => number
}

async function killing(gateway: Radosgw, proxy: MoodyProxy, random: () => number): Promise<Killing> {
  const { admin, region, endpoint } = gateway
  const space = await workspace({})
  onTestFinished(() => space[Symbol.asyncDispose]())
  await rm(space.policyFile) // only the company's policy holds here
  const store = new S3Client({ endpoint, region, credentials: admin, forcePathStyle: true })
  onTestFinished(() => store.destroy())
  await store.send(new CreateBucketCommand({ Bucket: BUCKET }))
  const directory = join(space.root, 'evidence')
  const provider = await startProvider()
  onTestFinished(() => provider[Symbol.asyncDispose]())
  const acme = await company(space.root)
  onTestFinished(() => acme[Symbol.asyncDispose]())
  const to = [
    { url: `s3://${BUCKET}/hoopctl/`, endpoint: proxy.endpoint, region },
    { url: `file://${directory}/` },
  ]
  await acme.publish(1, {
    refresh: '12h',
    identity: identityAt(provider),
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } },
    rules: [{ allow: { tool: '*' } }],
    audit: { upload: { to } },
  })
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: acme.caFile })
  const added = await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  const signedIn = await inBrowser('alice', provider, space, ['login', '--browser', '--store', 'file'])
  expect([added.exitCode, signedIn.exitCode]).toEqual([0, 0])
  Reflect.deleteProperty(space.env, 'NODE_EXTRA_CA_CERTS')
  const keys = { AWS_ACCESS_KEY_ID: admin.accessKeyId, AWS_SECRET_ACCESS_KEY: admin.secretAccessKey }
  Object.assign(space.env, keys)
  return { space, proxy, store, directory, random }
}

const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'e2e', version: '1' } },
}
const CALL = { method: 'tools/call', params: { name: 'write_note', arguments: { name: 'n', content: 'x' } } }

/**
 * Kills a process: at any instant from its start on, or once it has begun its work; whatever the machine, some are hit in each
 * part of it. Tells whether it still ran.
 */
async function killSometime(
  child: ChildProcess,
  working: Promise<unknown>,
  { random }: Killing,
): Promise<boolean> {
  const ended = once(child, 'exit')
  const [isAnywhere, wait] = [random() < 0.3, random() ** 2]
  if (!isAnywhere) await Promise.race([working, ended])
  await Promise.race([setTimeout(wait * 1000), ended])
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL'
}

/** A client that calls one tool after the other, until the shim is killed. */
async function killShim(all: Killing): Promise<boolean> {
  const { space } = all
  const child = spawn(NODE, [HOOPCTL, 'wrap', 'notes'], { env: { ...space.env }, cwd: space.root })
  const say = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  child.stdin.on('error', () => undefined)
  child.stderr.resume()
  let id = 0
  child.stdout.on('data', () => {
    if (id === 0) say({ method: 'notifications/initialized' })
    say({ id: ++id, ...CALL })
  })
  say({ id, ...INITIALIZE })
  return killSometime(child, once(child.stdout, 'data'), all)
}

async function killUploader(all: Killing): Promise<boolean> {
  const { space, proxy } = all
  const options = { env: { ...space.env }, cwd: space.root, stdio: 'ignore' } as const
  return killSometime(spawn(NODE, [HOOPCTL, 'sessions', 'upload'], options), proxy.asked(), all)
}

/** Sessions that ended as they should, some of more than one segment. */
function recordWhole({ space }: Killing, sessions: number): void {
  const policy = { name: 'acme', version: 1, digest: '0'.repeat(64), signed: true }
  const args = JSON.stringify({ text: 'x'.repeat(60_000) })
  for (let session = 0; session < sessions; session++) {
    const calls = Array.from(
      { length: session % 4 === 0 ? 80 : 2 },
      () => ({ tool: 'x', effect: 'allow', args }) as const,
    )
    recordSession({ stateDirectory: join(space.home, 'state'), calls, policy })
  }
}

function logs({ space }: Killing): string[] {
  const directory = join(space.home, 'state', 'sessions')
  return readdirSync(directory)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(directory, name))
}

/** Nobody writes to them any more, and that was a while ago. */
function silence(all: Killing): void {
  const then = Date.now() / 1000 - 120
  for (const path of logs(all)) utimesSync(path, then, then)
}

/** What a session has recorded; one that was killed before its second line is nobody's yet. */
function recorded(all: Killing): string[] {
  const found = logs(all).map((path) => readFileSync(path))
  return found
    .filter((bytes) => bytes.toString('latin1').split('\n').length > 2)
    .map(digest)
    .toSorted()
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Puts segments together, in the order of their names. */
function joined(segments: ReadonlyMap<string, Uint8Array>): Buffer[] {
  const sessions = new Map<string, Uint8Array[]>()
  for (const [name, bytes] of [...segments].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const session = name.slice(0, name.lastIndexOf('/'))
    sessions.set(session, [...(sessions.get(session) ?? []), bytes])
  }
  return [...sessions.values()].map((parts) => Buffer.concat(parts))
}

async function inBucket({ store }: Killing): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  for await (const { Contents = [] } of paginateListObjectsV2({ client: store }, { Bucket: BUCKET })) {
    for (const { Key = '' } of Contents) {
      const { Body } = await store.send(new GetObjectCommand({ Bucket: BUCKET, Key }))
      found.set(Key, (await Body?.transformToByteArray()) ?? new Uint8Array())
    }
  }
  return found
}

function inDirectory({ directory }: Killing): Map<string, Uint8Array> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  )
  return new Map(
    files.map(({ parentPath, name }) => join(parentPath, name)).map((path) => [path, readFileSync(path)]),
  )
}

/** Verifies what lies at a destination with hoopctl, from files alone. */
async function verified({ space }: Killing, evidence: readonly Buffer[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-joined-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const paths = evidence.map((bytes, index) => {
    const path = join(folder, `${index}.jsonl`)
    writeFileSync(path, bytes)
    return path
  })
  const { stdout } = await space.hoopctl('sessions', 'verify', '--json', ...paths)
  const said = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { ok: boolean; state: string })
  return said.map(({ ok, state }) => `${ok} ${state}`)
}

describe.skipIf(noStore !== null)(
  noStore ?? `kill -9 of shims and uploaders (HOOPCTL_TEST_SEED=${SEED})`,
  () => {
    it(`given ${KILLS} of them at any instant, and a store that fails in every way, in the end each record is there once`, async () => {
      const random = randomFrom(SEED)
      await using gateway = await startRadosgw()
      await using proxy = await startMoodyProxy(gateway.endpoint, randomFrom(SEED + 1))
      const all = await killing(gateway, proxy, random)
      recordWhole(all, 40)
      let kills = 0
      while (kills < KILLS) {
        const uploaders = (async () => [await killUploader(all), await killUploader(all)])()
        const shims = Array.from({ length: SHIMS }, () => killShim(all))
        const killed = [...(await Promise.all(shims)), ...(await uploaders)]
        kills += killed.filter((each) => each).length
        silence(all)
      }
      proxy.calm()
      const before = recorded(all)
      const last = await all.space.hoopctl('sessions', 'upload')
      expect(last).toMatchObject({ exitCode: 0, stderr: '' })
      expect(recorded(all)).toEqual(before) // nothing is deleted here
      const [bucket, directory] = [await inBucket(all), inDirectory(all)]
      expect([...directory.keys()].filter((path) => /\/\.[^/]*$/u.test(path))).toEqual([])
      for (const evidence of [joined(bucket), joined(directory)]) {
        expect(evidence.map(digest).toSorted()).toEqual(before)
        expect(new Set(await verified(all, evidence))).toEqual(new Set(['true complete', 'true open']))
      }
      expect([...proxy.seen.keys()].toSorted()).toEqual([
        'asks-to-wait',
        'cuts',
        'fails',
        'forbids',
        'forgets',
        'halves',
        'lies',
        'passes',
        'refuses',
      ])
    })
  },
)
