import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { type Company, company, inBrowser } from './company.ts'
import { type Connected, connectTo } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { identityAt } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

/** A client with a shim that goes on from one policy to the next. */
interface Running {
  readonly connected: Connected
  /** How often it was told that its tools are other ones. */
  readonly told: () => number
}

let provider: TestProvider
let acme: Company
let space: Workspace
let version = 0
/** One runs a server that the policy names, the other a command that it does not. */
let named: Running
let unnamed: Running

beforeAll(async () => {
  provider = await startProvider()
  space = await workspace({})
  await rm(space.policyFile) // only the company's policy holds here
  acme = await company(space.root)
  await publish()
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: acme.caFile })
  await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  await inBrowser('alice', provider, space, ['login', '--browser', '--store', 'file'])
  named = await running('notes')
  unnamed = await running('--', NODE, fixture('legacy-server.mjs'), space.path())
}, 60_000)
afterAll(async () => {
  for (const { connected } of [named, unnamed]) await connected.client.close()
  for (const part of [acme, space, provider]) await part[Symbol.asyncDispose]()
})

async function running(...words: string[]): Promise<Running> {
  let told = 0
  const connected = await connectTo(space.wrap(...words), space, {
    prepare: (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => void (told += 1)),
  })
  return { connected, told: () => told }
}

const run = (...more: string[]) => ({
  command: NODE,
  args: [fixture('legacy-server.mjs'), space.path(), ...more],
})

/** Publishes what the shims were started under, where all may be done, with a change. */
async function publish(change: object = {}): Promise<void> {
  version += 1
  const servers = { notes: { run: run() } }
  const rules = [{ allow: { tool: '*' } }]
  await acme.publish(version, {
    identity: identityAt(provider),
    servers,
    unlisted: 'allow',
    rules,
    ...change,
  })
}

/** Puts a change in force, in both. */
async function putInForce(change: object): Promise<void> {
  await publish(change)
  expect(await space.hoopctl('policy', 'refresh')).toMatchObject({ exitCode: 0 })
  await eventually(async () => {
    const logs = await sessionLogs(space)
    expect(logs.map(({ records }) => records.flatMap(versionOf).at(-1))).toEqual([version, version])
  })
}

function versionOf({ policy }: Readonly<Record<string, unknown>>): unknown[] {
  const found: unknown = Object(policy).version
  return typeof found === 'number' ? [found] : []
}

/** What becomes of a call: null where it was done, else why not. */
async function outcome({ connected }: Running, name: string): Promise<string | null> {
  const { content } = await connected.callTool({ name: 'write_note', arguments: { name, content: 'x' } })
  return (await space.has(name)) ? null : JSON.stringify(content)
}

const tools = async ({ connected }: Running) => (await connected.client.listTools()).tools.length
const digest = async () =>
  createHash('sha256')
    .update(await readFile(NODE))
    .digest('hex')
const RESTART = 'A person can restart the client'
const IN_ANOTHER_WAY = `the policy now runs this server in another way. ${RESTART}`

it.each([
  {
    given: 'runs the server with another argument',
    change: async () => ({ servers: { notes: { run: run('2024-11-05') } } }),
    says: IN_ANOTHER_WAY,
  },
  {
    given: 'runs it from a file with one digest only',
    change: async () => ({ servers: { notes: { run: { ...run(), sha256: await digest() } } } }),
    says: IN_ANOTHER_WAY,
  },
  {
    given: 'names it no longer',
    change: async () => ({ servers: { others: { run: run() } } }),
    says: `the policy no longer names the server \`notes\`. ${RESTART}`,
  },
])(
  'given a policy that $given, its shim denies everything and says why, until that is undone',
  async (given) => {
    const { change, says } = given
    const toldBefore = named.told()
    await putInForce(await change())
    await eventually(() => expect(named.told()).toBeGreaterThan(toldBefore))
    expect(await outcome(named, `${version}.txt`)).toContain(says)
    expect(await tools(named)).toBe(0)
    expect(await outcome(unnamed, `${version}-unnamed.txt`)).toBeNull()
    await putInForce({})
    expect(await outcome(named, `${version}.txt`)).toBeNull()
  },
)

it('given a policy that lets nobody wrap what it does not name, the shim of such a command denies everything', async () => {
  const toldBefore = unnamed.told()
  await putInForce({ unlisted: 'deny' })
  await eventually(() => expect(unnamed.told()).toBeGreaterThan(toldBefore))
  const says = `the policy no longer lets anybody wrap a command that it does not name. ${RESTART}`
  expect(await outcome(unnamed, `${version}-unnamed.txt`)).toContain(says)
  expect(await tools(unnamed)).toBe(0)
  expect(await outcome(named, `${version}.txt`)).toBeNull()
})
