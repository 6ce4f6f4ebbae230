import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { expect, it, onTestFinished } from 'vitest'
import { type AtTerminal, atTerminal } from '../cli/at-terminal.ts'
import { eventually } from '../eventually.ts'
import { type Connected, connect } from './connect.ts'
import { fixture, HOOPCTL, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { type Workspace, workspace } from './workspace.ts'

/** A grant to which bob must agree, whose key lies in the `.ssh` of this machine. */
async function withBob(): Promise<Workspace> {
  const folder = mkdtempSync(join(tmpdir(), 'hoopctl-bob-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bob', '-f', join(folder, 'id_bob')])
  const key = readFileSync(join(folder, 'id_bob.pub'), 'utf8').trim()
  const space = await workspace({
    rules: [],
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: {
      people: [{ issuer: 'local', sub: 'bob', groups: ['dba'], keys: [key] }],
      grants: [
        {
          name: 'notes-write',
          server: 'notes',
          who: 'everyone',
          listed: 'active',
          activate: { mode: 'approval', proof: 'key', by: { groups: ['dba'] } },
          rules: [{ allow: { tool: 'write_note' } }],
        },
      ],
    },
  })
  mkdirSync(join(space.root, '.ssh'))
  for (const name of ['id_bob', 'id_bob.pub']) renameSync(join(folder, name), join(space.root, '.ssh', name))
  return space
}

const write = (name: string) => ({ name: 'write_note', arguments: { name, content: 'x' } })

async function call(connected: Connected, name: string) {
  const { isError = false, content } = await connected.callTool(write(name))
  return { isError, text: JSON.stringify(content) }
}

/** Asks at one terminal; gives the id that bob is told. */
async function ask(space: Workspace): Promise<{ readonly asking: AtTerminal; readonly id: string }> {
  const asking = atTerminal(['request', 'notes-write', '--reason', 'INC-2211'], space.env)
  await asking.shows('Control-C takes it back.')
  await asking.shows(' waits: ')
  const { stdout } = await space.hoopctl('status', '--json')
  const { approvals } = JSON.parse(stdout) as { approvals: readonly { approval: string }[] }
  return { asking, id: approvals[0]?.approval ?? '' }
}

it('given a second person who agrees with their key at a terminal, the client’s call passes, and the log says why', async () => {
  await using space = await withBob()
  const changed = Promise.withResolvers<void>()
  await using client = await connect('notes', space, {
    prepare: (each) =>
      each.setNotificationHandler(ToolListChangedNotificationSchema, () => changed.resolve()),
  })
  const early = await call(client, 'early.txt')
  expect(early.isError).toBe(true)
  expect(early.text).toContain('hoopctl request notes-write')
  const { asking, id } = await ask(space)
  const bob = atTerminal(['approve', id], space.env)
  await bob.shows('a approve')
  bob.type('a')
  expect(await bob.ended).toMatchObject({ exitCode: 0 })
  expect(await asking.ended).toMatchObject({
    exitCode: 0,
    shown: expect.stringContaining('notes-write is active'),
  })
  await eventually(async () => expect(await call(client, 'held.txt')).toMatchObject({ isError: false }))
  await changed.promise
  expect([await space.has('early.txt'), await space.has('held.txt')]).toEqual([false, true])
  await client.client.close()
  const [log] = await sessionLogs(space)
  const causes = log?.records.flatMap(({ kind, cause }) => (kind === 'context' ? [cause] : []))
  // `change`: its key was found good in a turn of its own, unless that was quicker than the news of the request.
  expect(causes?.filter((cause) => cause !== 'change')).toEqual([
    'start',
    'client',
    'request notes-write: INC-2211',
  ])
})

it('given Control-C at whoever asks, the question is withdrawn: nobody can agree any more', async () => {
  await using space = await withBob()
  const { asking, id } = await ask(space)
  asking.type('\u0003')
  expect(await asking.ended).toMatchObject({
    exitCode: 130,
    shown: expect.stringContaining(`you took ${id} back`),
  })
  const bob = atTerminal(['approve', id], space.env)
  expect(await bob.ended).toMatchObject({
    exitCode: 6,
    shown: expect.stringContaining('whoever asked waits no longer'),
  })
})

it('given that whoever asks is killed, the question does not wait any more', async () => {
  await using space = await withBob()
  const asking = spawn(NODE, [HOOPCTL, 'request', 'notes-write'], { env: space.env, stdio: 'pipe' })
  let shown = ''
  const told = Promise.withResolvers<void>()
  asking.stderr.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    if (shown.includes('Control-C takes it back.')) told.resolve()
  })
  await told.promise
  const ended = new Promise((resolve) => asking.once('exit', resolve))
  asking.kill('SIGKILL')
  await ended
  const [id = ''] = /A-\w{8}/.exec(shown) ?? []
  const bob = atTerminal(['approve', id], space.env)
  expect(await bob.ended).toMatchObject({
    exitCode: 6,
    shown: expect.stringContaining('the `hoopctl request` that asked ended'),
  })
})
