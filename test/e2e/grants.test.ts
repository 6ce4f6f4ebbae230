import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'
import { atTerminal } from '../cli/at-terminal.ts'
import { type Connected, connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { type Workspace, workspace } from './workspace.ts'

const grant = (name: string, mode: string, more: object = {}) => ({
  name,
  server: 'notes',
  who: 'everyone',
  listed: 'active',
  activate: { mode },
  rules: [{ allow: { tool: 'write_note' } }],
  ...more,
})

function spaceWith(...grants: readonly object[]): Promise<Workspace> {
  return workspace({
    rules: [],
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: { grants },
  })
}

/** A client that is told of changed lists, one after another. */
async function watching(space: Workspace) {
  const changes: (() => void)[] = []
  const connected = await connect('notes', space, {
    prepare: (client) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => changes.shift()?.()),
  })
  return { connected, changed: () => new Promise<void>((resolve) => void changes.push(resolve)) }
}

/** The person asks for a grant at a terminal, and says yes. */
async function request(space: Workspace, ...words: readonly string[]) {
  const terminal = atTerminal(['request', '--policy', space.policyFile, ...words], space.env)
  await terminal.shows('[y/N]')
  terminal.type('y\r')
  return (await terminal.ended).exitCode
}

const toolsOf = async ({ client }: Connected) => (await client.listTools()).tools.map(({ name }) => name)
const write = (name: string) => ({ name: 'write_note', arguments: { name, content: 'x' } })
const isDenied = async (connected: Connected, name: string) =>
  (await connected.callTool(write(name))).isError === true

describe('while a client runs', () => {
  it('a requested grant gives its tools, and a revoked one takes them away; the log says why', async () => {
    await using space = await spaceWith(grant('notes-write', 'request'))
    const { connected, changed } = await watching(space)
    await using client = connected
    expect([await toolsOf(client), await isDenied(client, 'early.txt')]).toEqual([[], true])
    const cameIn = changed()
    expect(await request(space, 'notes-write', '--reason', 'INC-2211')).toBe(0)
    await cameIn
    expect([await toolsOf(client), await isDenied(client, 'held.txt')]).toEqual([['write_note'], false])
    const wentOut = changed()
    expect(await space.hoopctl('revoke', 'notes-write')).toMatchObject({ exitCode: 0 })
    await wentOut
    expect([await toolsOf(client), await isDenied(client, 'late.txt')]).toEqual([[], true])
    expect([await space.has('early.txt'), await space.has('held.txt'), await space.has('late.txt')]).toEqual([
      false,
      true,
      false,
    ])
    await client.client.close()
    const [log] = await sessionLogs(space)
    const causes = log?.records.flatMap(({ kind, cause }) => (kind === 'context' ? [cause] : []))
    expect(causes).toEqual(['start', 'client', 'request notes-write: INC-2211', 'revoke notes-write'])
  })

  it('a revocation ends also what the session started by itself, in each of them', async () => {
    await using space = await spaceWith(grant('notes-auto', 'session'))
    const [one, other] = [await watching(space), await watching(space)]
    await using first = one.connected
    await using second = other.connected
    expect([await toolsOf(first), await toolsOf(second)]).toEqual([['write_note'], ['write_note']])
    const told = Promise.all([one.changed(), other.changed()])
    expect(await space.hoopctl('revoke', '--all')).toMatchObject({ stdout: 'Ended notes-auto.\n' })
    await told
    expect([await isDenied(first, 'a.txt'), await isDenied(second, 'b.txt')]).toEqual([true, true])
  })

  it('a grant of one use lets one call through, over all sessions', async () => {
    await using space = await spaceWith(grant('notes-once', 'request', { uses: 1 }))
    const [one, other] = [await watching(space), await watching(space)]
    await using first = one.connected
    await using second = other.connected
    const told = Promise.all([one.changed(), other.changed()])
    expect(await request(space, 'notes-once')).toBe(0)
    await told
    expect([await isDenied(first, 'a.txt'), await isDenied(second, 'b.txt')]).toEqual([false, true])
    expect([await space.has('a.txt'), await space.has('b.txt')]).toEqual([true, false])
  })
})
