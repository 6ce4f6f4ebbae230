import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ConfirmedObject } from '../../src/records.ts'
import { recordSession } from '../cli/recorded-session.ts'
import { connect } from './connect.ts'
import { untilGone } from './processes.ts'
import { HOOPCTL, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { type Workspace, workspace } from './workspace.ts'

const WAIT = { timeout: 60_000, interval: 100 }
const POLICY = { name: 'e2e', version: null, digest: '0'.repeat(64), signed: false }

/** A workspace whose sessions are uploaded to a directory, and that directory. */
async function uploading(): Promise<{ readonly space: Workspace; readonly evidence: string }> {
  const evidence = mkdtempSync(join(tmpdir(), 'hoopctl-evidence-'))
  onTestFinished(() => rmSync(evidence, { recursive: true, force: true }))
  const policy = { audit: { upload: { to: [{ url: `file://${evidence}/` }] } } }
  const space = await workspace({ rules: [{ allow: { tool: '*' } }], policy })
  return { space, evidence }
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The digest of what lies at the destination of each session: its segments in the order of their names. */
function held(evidence: string): string[] {
  const all = new Map<string, Buffer[]>()
  const files = readdirSync(evidence, { recursive: true, withFileTypes: true })
  for (const file of files.filter((each) => each.isFile()).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (file.name.startsWith('.')) continue // begun by a process that was killed: not an object
    all.set(file.parentPath, [
      ...(all.get(file.parentPath) ?? []),
      readFileSync(join(file.parentPath, file.name)),
    ])
  }
  return [...all.values()].map((parts) => digest(Buffer.concat(parts))).toSorted()
}

async function recorded(space: Workspace): Promise<string[]> {
  const logs = await sessionLogs(space)
  return logs.map(({ path }) => digest(readFileSync(path))).toSorted()
}

describe('a session under a policy that uploads', () => {
  it('given its end, lies at the destination byte by byte, sent by a process that outlives hoopctl', async () => {
    const { space, evidence } = await uploading()
    await using _ = space
    const client = await connect('files', space)
    await client.callTool({ name: 'list_directory', arguments: { path: space.path() } })
    await client.client.close()
    await vi.waitFor(async () => expect(held(evidence)).toEqual(await recorded(space)), WAIT)
    await vi.waitFor(async () => {
      expect((await space.hoopctl('status')).stdout).toContain('1 session, all are there')
    }, WAIT)
  })

  it('while it runs, what it has signed lies at the destination already', async () => {
    const { space, evidence } = await uploading()
    await using _ = space
    const client = await connect('files', space)
    await client.callTool({ name: 'list_directory', arguments: { path: space.path() } })
    await vi.waitFor(() => expect(held(evidence)).toHaveLength(1), WAIT)
    const [log] = await sessionLogs(space)
    expect(log?.records.some(({ kind }) => kind === 'footer')).toBe(false)
    await client.client.close()
  })

  it('tells in its checkpoints what the destination was seen to hold', async () => {
    const { space, evidence } = await uploading()
    await using _ = space
    const client = await connect('files', space)
    const list = { name: 'list_directory', arguments: { path: space.path() } }
    await client.callTool(list)
    const whole = () => space.hoopctl('sessions', 'upload')
    await vi.waitFor(async () => {
      expect((await whole()).exitCode).toBe(0)
      expect(held(evidence)).toHaveLength(1)
    }, WAIT)
    const uploaded = await vi.waitFor(
      async () => {
        await client.callTool(list)
        const [log] = await sessionLogs(space)
        const told = log?.records.flatMap(({ uploaded: objects }) => objects ?? []) as ConfirmedObject[]
        expect(told).not.toEqual([])
        return told
      },
      { ...WAIT, interval: 2000 },
    )
    const [first] = uploaded
    expect(first).toMatchObject({ to: `file://${evidence}/`, etag: null, version: null })
    expect(digest(readFileSync(join(evidence, first?.key ?? '')))).toBe(first?.sha256)
    await client.client.close()
  })

  it('given that it sleeps for longer than silence tells, is not taken for one that is over', async () => {
    const { space } = await uploading()
    await using _ = space
    const client = await connect('files', space)
    await client.callTool({ name: 'list_directory', arguments: { path: space.path() } })
    await vi.waitFor(
      async () => expect((await space.hoopctl('status')).stdout).toMatch(/running +files/u),
      WAIT,
    )
    const [log] = await sessionLogs(space)
    utimesSync(log?.path ?? '', 0, 0) // as after an hour
    const { stdout } = await space.hoopctl('sessions', 'prune', '--older-than', '1s', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ pruned: [] })
    const sent = await space.hoopctl('sessions', 'upload')
    expect(sent.stdout).toContain('1 not whole there yet')
    await client.client.close()
  })

  it('given that it was killed, is sent by the next upload', async () => {
    const { space, evidence } = await uploading()
    await using _ = space
    const { path } = recordSession({
      stateDirectory: join(space.home, 'state'),
      calls: [],
      policy: POLICY,
      ended: false,
    })
    await execa('touch', ['-d', '2 minutes ago', path])
    expect((await space.hoopctl('sessions', 'upload')).exitCode).toBe(0)
    expect(held(evidence)).toEqual([digest(readFileSync(path))])
  })
})

describe('an uploader that is killed', () => {
  it('at any instant, in the end leaves each session there once, byte by byte', async () => {
    const { space, evidence } = await uploading()
    await using _ = space
    const stateDirectory = join(space.home, 'state')
    const args = JSON.stringify({ text: 'x'.repeat(60_000) })
    for (let session = 0; session < 12; session++) {
      const calls = Array.from({ length: 40 }, () => ({ tool: 'x', effect: 'allow', args }) as const)
      recordSession({ stateDirectory, calls, policy: POLICY })
    }
    for (let turn = 0; turn < 12; turn++) {
      const child = execa(NODE, [HOOPCTL, 'sessions', 'upload'], {
        env: space.env,
        extendEnv: false,
        reject: false,
      })
      await setTimeout(150 + turn * 25) // from before it is loaded to after it is done, whatever the machine
      child.kill('SIGKILL')
      await child
      if (child.pid !== undefined) await untilGone(child.pid)
    }
    expect(await space.hoopctl('sessions', 'upload')).toMatchObject({ exitCode: 0 })
    expect(held(evidence)).toEqual(await recorded(space))
  })
})
