import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, it, onTestFinished, vi } from 'vitest'
import { PRUNED, readPrunedNotes } from '../../src/audit/pruned-note.ts'
import { fileNameOf, numbersIn } from '../../src/audit/session-number.ts'
import { sha256 } from '../../src/digest.ts'
import { recordSession } from '../cli/recorded-session.ts'
import { connect } from './connect.ts'
import { untilGone } from './processes.ts'
import { HOOPCTL, NODE } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const POLICY = { name: 'e2e', version: null, digest: '0'.repeat(64), signed: false }
const WAIT = { timeout: 60_000, interval: 100 }

async function retaining(retain: string): Promise<{ readonly space: Workspace; readonly evidence: string }> {
  const evidence = mkdtempSync(join(tmpdir(), 'hoopctl-evidence-'))
  onTestFinished(() => rmSync(evidence, { recursive: true, force: true }))
  const policy = { audit: { retain, upload: { to: [{ url: `file://${evidence}/` }] } } }
  const space = await workspace({ rules: [{ allow: { tool: '*' } }], policy })
  return { space, evidence }
}

/** The digest of what lies at the destination of a session. */
async function heldOf(evidence: string, session: string): Promise<string> {
  const folder = join(evidence, '2026-11-21/orders-db/alice', session)
  const { stdout } = await execa(
    'cat',
    (await execa('ls', [folder])).stdout.split('\n').map((name) => join(folder, name)),
    {
      encoding: 'buffer',
      stripFinalNewline: false,
    },
  )
  return sha256(stdout)
}

it('given that it is killed at any instant, no log goes that was not noted and is not at the destination', async () => {
  const { space, evidence } = await retaining('1h')
  await using _ = space
  const stateDirectory = join(space.home, 'state')
  const directory = join(stateDirectory, 'sessions')
  const args = JSON.stringify({ text: 'x'.repeat(60_000) })
  const calls = Array.from({ length: 40 }, () => ({ tool: 'x', effect: 'allow', args }) as const)
  const digests = Array.from({ length: 20 }, () => {
    const { session, path } = recordSession({ stateDirectory, calls, policy: POLICY })
    return { session, digest: sha256(readFileSync(path)) }
  })
  expect((await space.hoopctl('sessions', 'upload')).exitCode).toBe(0)
  const prune = () =>
    execa(NODE, [HOOPCTL, 'sessions', 'prune'], { env: space.env, extendEnv: false, reject: false })
  const notes = () =>
    existsSync(join(directory, PRUNED)) ? readFileSync(join(directory, PRUNED)) : Buffer.alloc(0)
  const look = async () => {
    const there = new Set(numbersIn(directory))
    const noted = new Map(readPrunedNotes(directory).notes.map((note) => [note.number, note.sha256]))
    for (const [index, { session, digest }] of digests.entries()) {
      if (there.has(index + 1)) continue
      expect([noted.get(index + 1), await heldOf(evidence, session)]).toEqual([digest, digest])
    }
    const { exitCode, stdout } = await space.hoopctl('sessions', 'verify', directory)
    expect({ exitCode, broken: stdout.match(/.*(?:broken|missing).*/gu) }).toEqual({
      exitCode: 0,
      broken: null,
    })
    return there.size
  }
  for (let turn = 0; turn < 8; turn++) {
    const child = prune()
    const before = notes().length
    let isOver = false
    void child.finally(() => {
      isOver = true // what was left had been noted already, by one that was killed
    })
    // Now before it has begun, now as soon as it has noted a session.
    if (turn % 2 === 0) await setTimeout(200 + 100 * turn)
    else
      await vi.waitFor(() => expect(isOver || notes().length > before).toBe(true), {
        timeout: 60_000,
        interval: 1,
      })
    child.kill('SIGKILL')
    await child
    if (child.pid !== undefined) await untilGone(child.pid)
    if ((await look()) === 1) break
  }
  expect((await space.hoopctl('sessions', 'prune')).exitCode).toBe(0)
  expect(await look()).toBe(1)
})

it('given a policy with `retain`, the end of a session starts it, once a day', async () => {
  const { space } = await retaining('1h')
  await using _ = space
  const stateDirectory = join(space.home, 'state')
  const log = (number: number) => join(stateDirectory, 'sessions', fileNameOf(number))
  recordSession({ stateDirectory, calls: [], policy: POLICY })
  expect((await space.hoopctl('sessions', 'upload')).exitCode).toBe(0)
  const session = async () => {
    const client = await connect('files', space)
    await client.callTool({ name: 'list_directory', arguments: { path: space.path() } })
    await client.client.close()
  }
  await session()
  await vi.waitFor(() => expect(existsSync(log(1))).toBe(false), WAIT)
  const marks = join(space.home, 'cache', 'pruned')
  const { stdout: mark } = await execa('ls', [marks])
  const before = await execa('stat', ['-c', '%Y', join(marks, mark)])
  await session()
  expect((await execa('stat', ['-c', '%Y', join(marks, mark)])).stdout).toBe(before.stdout)
  await execa('touch', ['-d', '25 hours ago', join(marks, mark)])
  await session()
  await vi.waitFor(async () => {
    const { stdout } = await execa('stat', ['-c', '%Y', join(marks, mark)])
    expect(Number(stdout)).toBeGreaterThan(Date.now() / 1000 - 3600)
  }, WAIT)
})
