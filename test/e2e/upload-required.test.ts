import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { execa } from 'execa'
import { expect, it, onTestFinished, vi } from 'vitest'
import { recordSession } from '../cli/recorded-session.ts'
import { type Connected, connect } from './connect.ts'
import { sessionLogs } from './session-logs.ts'
import { type Workspace, workspace } from './workspace.ts'

const WAIT = { timeout: 120_000, interval: 200 }
const POLICY = { name: 'e2e', version: null, digest: '0'.repeat(64), signed: false }

/** A directory that evidence is sent to, and that can be away: then a file stands in its place. */
interface Evidence {
  readonly url: string
  leave(): void
  comeBack(): void
}

function evidenceDirectory(): Evidence {
  const root = mkdtempSync(join(tmpdir(), 'hoopctl-evidence-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const [here, away] = [join(root, 'here'), join(root, 'away')]
  mkdirSync(here)
  return {
    url: `file://${here}/`,
    leave: () => {
      renameSync(here, away)
      writeFileSync(here, '')
    },
    comeBack: () => {
      rmSync(here)
      renameSync(away, here)
    },
  }
}

async function uploading(audit: (url: string) => object): Promise<{ space: Workspace; evidence: Evidence }> {
  const evidence = evidenceDirectory()
  const policy = { audit: audit(evidence.url) }
  return { space: await workspace({ rules: [{ allow: { tool: '*' } }], policy }), evidence }
}

const within = (required: string) => (url: string) => ({ upload: { to: [{ url }], required } })

/** What one call came to: `allowed`, or the rules that denied it and what the model was told. */
async function called({ callTool }: Connected, space: Workspace) {
  const result = await callTool({ name: 'list_directory', arguments: { path: space.path() } })
  if (result.isError !== true) return { effect: 'allowed' }
  const decision = result._meta?.['hoopctl/decision'] as Readonly<Record<string, unknown>>
  const [{ text = '' } = {}] = result.content as readonly { readonly text?: string }[]
  return { effect: decision['effect'], rules: decision['rules'], help: decision['help'], text }
}

const until = (effect: string, client: Connected, space: Workspace) =>
  vi.waitFor(async () => {
    const came = await called(client, space)
    expect(came.effect).toBe(effect)
    return came
  }, WAIT)

/** What `status` tells of the one destination. */
async function waiting(space: Workspace): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await space.hoopctl('status', '--json')
  const { uploads } = JSON.parse(stdout) as { readonly uploads: readonly Readonly<Record<string, unknown>>[] }
  return uploads[0] ?? {}
}

it('given a destination that is taken away, denies calls once `required` is over, also after a restart, until it confirms again', async () => {
  const { space, evidence } = await uploading(within('8s'))
  await using _ = space
  const client = await connect('files', space)
  expect(await called(client, space)).toEqual({ effect: 'allowed' })
  await vi.waitFor(async () => expect((await waiting(space))['bytes']).toBe(0), WAIT)
  evidence.leave()
  const denied = await until('deny', client, space)
  expect(denied).toMatchObject({
    rules: ['audit.upload.required'],
    help: 'A person sees why with: hoopctl status, and sends what waits with: hoopctl sessions upload',
  })
  expect(denied.text).toMatch(
    new RegExp(`\`${evidence.url}\` has confirmed nothing since 20[0-9-]+T[0-9:.]+Z`, 'u'),
  )
  expect((await client.client.listTools()).tools).not.toEqual([])

  const problem = { code: 'UNREACHABLE', since: expect.any(String) }
  await vi.waitFor(async () => expect(await waiting(space)).toMatchObject({ problem }), WAIT)
  const { stdout } = await space.hoopctl('status')
  expect(stdout).toMatch(
    /not whole there yet \([\d,]+ bytes\): not reached since 20.*cannot be used.*\n.*hint: /u,
  )
  expect(stdout).toMatch(/^calls {4}denied now by `audit\.upload\.required`: .*confirmed nothing since 20/mu)

  await client.client.close()
  await using again = await connect('files', space)
  expect((await called(again, space)).effect).toBe('deny')
  evidence.comeBack()
  await until('allowed', again, space)
  expect((await space.hoopctl('status')).stdout).not.toContain('denied now')
  const logs = await sessionLogs(space)
  const decisions = logs.flatMap(({ records }) => records).filter(({ kind }) => kind === 'request')
  expect(decisions).toContainEqual(
    expect.objectContaining({
      decision: expect.objectContaining({ effect: 'deny', rules: ['audit.upload.required'] }),
    }),
  )
})

it('given what an earlier session left a week ago, denies until the first of it is confirmed', async () => {
  const { space, evidence } = await uploading(within('5m'))
  await using _ = space
  const stateDirectory = join(space.home, 'state')
  recordSession({ stateDirectory, calls: [], policy: POLICY })
  evidence.leave()
  expect((await space.hoopctl('sessions', 'upload')).exitCode).toBe(8)
  {
    using database = new DatabaseSync(join(stateDirectory, 'state.db'))
    database.exec('UPDATE upload_standing SET fine = fine - 604800000.0')
  }
  await using client = await connect('files', space)
  expect((await called(client, space)).effect).toBe('deny')
  evidence.comeBack()
  expect((await space.hoopctl('sessions', 'upload')).exitCode).toBe(0)
  expect((await called(client, space)).effect).toBe('allowed') // at once: it looks before it denies
})

it('given what an earlier session left a week ago, and a destination that is there, sends it at the start', async () => {
  const { space } = await uploading(within('5m'))
  await using _ = space
  const stateDirectory = join(space.home, 'state')
  recordSession({ stateDirectory, calls: [], policy: POLICY })
  await using client = await connect('files', space)
  // No line of this session is signed yet when the first look is over: what it confirmed was left behind.
  await vi.waitFor(async () => expect((await waiting(space))['waiting']).toBe(1), WAIT)
  expect((await called(client, space)).effect).toBe('allowed')
})

it('given all that was recorded confirmed, and then nothing for longer than `required`, allows the next call', async () => {
  const { space, evidence } = await uploading(within('8s'))
  await using _ = space
  await using client = await connect('files', space)
  await called(client, space)
  await vi.waitFor(async () => expect((await waiting(space))['bytes']).toBe(0), WAIT)
  evidence.leave() // nothing waits, so nobody misses it
  const database = new DatabaseSync(join(space.home, 'state', 'state.db'))
  using _database = database
  await vi.waitFor(() => {
    const row = database.prepare('SELECT idle, fine FROM upload_standing').get()
    expect(row?.['idle']).toBe(1)
    expect(Date.now() - Number(row?.['fine'])).toBeGreaterThan(9000)
  }, WAIT)
  expect((await called(client, space)).effect).toBe('allowed')
})

it.each([
  { onFull: 'deny', effect: 'deny', says: 'calls are denied' },
  { onFull: 'warn', effect: 'allowed', says: 'calls go on' },
])(
  'given more that waits than `spool.max`, $onFull: the next call is $effect',
  async ({ onFull, effect, says }) => {
    const { space, evidence } = await uploading((url) => ({
      upload: { to: [{ url }] },
      spool: { max: '64KiB', onFull },
    }))
    await using _ = space
    evidence.leave()
    await using client = await connect('files', space)
    const path = space.path(`none-${'x'.repeat(20_000)}`)
    for (let call = 0; call < 5; call += 1)
      await client.callTool({ name: 'read_text_file', arguments: { path } })
    await client.stderr.find((line) => line.includes(`\`audit.spool.max\` allows; ${says}`))
    const came = await called(client, space)
    expect(came.effect).toBe(effect)
    if (effect === 'allowed') return
    expect(came.rules).toEqual(['audit.spool'])
    evidence.comeBack()
    expect((await space.hoopctl('sessions', 'upload')).exitCode).toBe(0)
    await until('allowed', client, space)
  },
)

it('given only buckets under a policy that is not signed, says that nothing is ever confirmed, and denies', async () => {
  const { space } = await uploading(() => within('5m')('s3://acme-audit/hoopctl/'))
  await using _ = space
  await using client = await connect('files', space)
  const came = await called(client, space)
  expect(came).toMatchObject({ effect: 'deny', rules: ['audit.upload'] })
  expect(came.text).toContain('this policy is not signed, so none of its destinations is used')
})

it.each([
  { end: 'its client', exitCode: 0 },
  { end: 'SIGTERM', exitCode: 143 },
])(
  'given `wait`, and a session that $end ends, has sent all of it when hoopctl has ended',
  async ({ end, exitCode }) => {
    const { space } = await uploading((url) => ({ upload: { to: [{ url }], wait: '1m' } }))
    await using _ = space
    const { command, args } = space.wrap('files')
    const wrap = execa(command, args, { env: space.env, extendEnv: false, cwd: space.root, reject: false })
    const about = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'e2e', version: '1' },
    }
    const hello = { jsonrpc: '2.0', id: 1, method: 'initialize', params: about }
    wrap.stdin.write(`${JSON.stringify(hello)}\n`)
    await once(wrap.stdout, 'data')
    if (end === 'SIGTERM') wrap.kill('SIGTERM')
    else wrap.stdin.end()
    expect((await wrap).exitCode).toBe(exitCode)
    expect(await waiting(space)).toMatchObject({ sessions: 1, waiting: 0, bytes: 0, problem: null })
  },
)
