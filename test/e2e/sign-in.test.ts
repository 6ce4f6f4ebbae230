import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasKeyring, startKeyring } from '../identity/keyring.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { claude } from './claude.ts'
import { type Connected, connect } from './connect.ts'
import { fixture, HOOPCTL, NODE, ROOT } from './repo.ts'
import { appears, identityAt, signIn } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

let provider: TestProvider
beforeAll(async () => {
  const install = join(ROOT, 'scripts', 'install-folder.mjs')
  await execa(NODE, [install, join(ROOT, 'test', 'clients')], { stdio: 'inherit' }) // where it is not there yet
  provider = await startProvider()
}, 600_000)
afterAll(() => provider.close())

const NOTES = [{ allow: { tool: 'write_note' } }]
const grant = (name: string, groups: string[], rules: object[]) => {
  return { name, server: 'notes', who: { groups }, activate: { mode: 'session' }, rules }
}

function signedInSpace(): Promise<Workspace> {
  return workspace({
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: {
      identity: identityAt(provider),
      grants: [
        grant('notes', ['engineering'], NOTES),
        grant('support', ['support'], [{ allow: { prompt: '*' } }]),
      ],
    },
  })
}

const toolsOf = async ({ client }: Connected) => (await client.listTools()).tools.map(({ name }) => name)
const write = (name: string) => ({ name: 'write_note', arguments: { name, content: 'x' } })

describe('a policy that asks for a sign-in', () => {
  it('given nobody, starts, shows nothing, and says in each place what to type', async () => {
    await using space = await signedInSpace()
    await using connected = await connect('notes', space)
    expect(connected.client.getInstructions()).toMatch(/^Nobody is signed in.* hoopctl login/)
    expect(await toolsOf(connected)).toEqual([])
    const { isError, content } = await connected.callTool(write('no.txt'))
    expect([isError, JSON.stringify(content)]).toEqual([true, expect.stringContaining('hoopctl login')])
    expect(await space.has('no.txt')).toBe(false)
  })

  it('given two people, each gets what their groups give', async () => {
    await using space = await signedInSpace()
    expect(await signIn('alice', provider, space)).toMatchObject({ exitCode: 0 })
    await using alice = await connect('notes', space)
    expect(await toolsOf(alice)).toEqual(['write_note'])
    expect((await alice.callTool(write('alice.txt'))).isError ?? false).toBe(false)
    await alice.client.close()
    expect(await signIn('bob', provider, space)).toMatchObject({ exitCode: 0 })
    await using bob = await connect('notes', space)
    expect(await toolsOf(bob)).toEqual([])
    expect((await bob.callTool(write('bob.txt'))).isError).toBe(true)
    expect([await space.has('alice.txt'), await space.has('bob.txt')]).toEqual([true, false])
  })

  it('given a person who says no, tells so and exits with 4', async () => {
    await using space = await signedInSpace()
    const ended = await signIn('alice', provider, space, { answer: 'no' })
    expect(ended).toMatchObject({ exitCode: 4, stdout: '' })
    expect(ended.stderr).toContain('denied')
    expect((await space.hoopctl('whoami', '--json')).exitCode).toBe(4)
  })
})

describe('a sign-in that nobody finishes', () => {
  it.each([
    { signal: 'SIGINT', exitCode: 130 },
    { signal: 'SIGTERM', exitCode: 143 },
  ] as const)('given $signal, ends with $exitCode and keeps nothing', async ({ signal, exitCode }) => {
    await using space = await signedInSpace()
    const { env, root: cwd } = space
    const words = [HOOPCTL, 'login', '--store', 'file']
    const child = execa(NODE, words, { cwd, env, extendEnv: false, reject: false, lines: true })
    for await (const line of child.iterable({ from: 'stderr' })) if (line.includes('│')) child.kill(signal)
    const ended = await child
    expect(ended).toMatchObject({ exitCode, stdout: [] })
    expect(ended.stderr.join('\n')).toContain('hoopctl: the sign-in was cancelled')
    expect((await space.hoopctl('whoami')).exitCode).toBe(4)
  })
})

describe('while a client runs', () => {
  it('a sign-in brings the tools without a restart, a sign-out takes them away', async () => {
    await using space = await signedInSpace()
    const changes: (() => void)[] = []
    const changed = () => new Promise<void>((resolve) => void changes.push(resolve))
    await using connected = await connect('notes', space, {
      prepare: (client) =>
        client.setNotificationHandler(ToolListChangedNotificationSchema, () => changes.shift()?.()),
    })
    expect(await toolsOf(connected)).toEqual([])
    const cameIn = changed()
    await signIn('alice', provider, space)
    await cameIn
    expect(await toolsOf(connected)).toEqual(['write_note'])
    const wentOut = changed()
    expect(await space.hoopctl('logout')).toMatchObject({ exitCode: 0, stdout: 'Signed out.\n' })
    await wentOut
    expect(await readdir(join(space.home, 'state'))).not.toContain('tokens')
    expect(await toolsOf(connected)).toEqual([])
    expect((await connected.callTool(write('late.txt'))).isError).toBe(true)
  })

  it('a stock Claude Code gets the tools of whoever signs in', async () => {
    await using space = await signedInSpace()
    const [asked, ready] = [space.path('asked'), space.path('ready')]
    const script = [
      { tool: 'Bash', input: { command: `touch ${asked}; until [ -e ${ready} ]; do sleep 0.1; done` } },
      { tool: 'mcp__s__write_note', input: { name: 'claude.txt', content: 'x' } },
    ]
    const seen = claude(space.wrap('notes'), space, script)
    await Promise.race([appears(asked), seen]) // one that ends by itself must not be waited for
    await signIn('alice', provider, space)
    await using watching = await connect('notes', space)
    expect(await toolsOf(watching)).toEqual(['write_note'])
    await writeFile(ready, '')
    const { results } = await seen
    expect(results.map(({ error }) => error)).toEqual([false, false])
    expect(await space.has('claude.txt')).toBe(true)
  })
})

describe('where the tokens are', () => {
  it('given sign-ins at several clients, logout leaves none of them', async () => {
    await using space = await signedInSpace()
    const before = ['--store', 'file', '--client-id', 'hoopctl-before']
    await signIn('alice', provider, space, { words: before })
    await signIn('alice', provider, space)
    expect(await space.hoopctl('logout')).toMatchObject({ exitCode: 0, stdout: 'Signed out.\n', stderr: '' })
    expect(await readdir(join(space.home, 'state'))).not.toContain('tokens')
  })

  it('given a sign-in in another store than before, leaves nothing in that one', async ({ skip }) => {
    if (!hasKeyring()) skip('gnome-keyring and dbus-daemon are not installed here')
    const keyring = await startKeyring()
    try {
      await using space = await signedInSpace()
      const env = { DBUS_SESSION_BUS_ADDRESS: keyring.bus, XDG_RUNTIME_DIR: keyring.runtime }
      const config = join(space.home, 'config', 'config.yaml')
      await signIn('alice', provider, space, { words: ['--store', 'keychain'], env })
      const inKeychain = await readFile(config)
      expect(await signIn('alice', provider, space)).toMatchObject({ exitCode: 0 })
      expect((await space.hoopctl('whoami')).exitCode).toBe(0)
      await writeFile(config, inKeychain)
      expect(await space.hoopctl('whoami')).toMatchObject({
        exitCode: 4,
        stderr: expect.stringContaining('nobody is signed in'),
      })
    } finally {
      await keyring.stop()
    }
  })

  it('given a sign-in in a full environment with a keychain, wrap finds it in the small one of clients', async ({
    skip,
  }) => {
    if (!hasKeyring()) skip('gnome-keyring and dbus-daemon are not installed here')
    const keyring = await startKeyring()
    try {
      await using space = await signedInSpace()
      const env = { DBUS_SESSION_BUS_ADDRESS: keyring.bus, XDG_RUNTIME_DIR: keyring.runtime, LANG: 'C.UTF-8' }
      expect(await signIn('alice', provider, space, { words: ['--store', 'keychain'], env })).toMatchObject({
        exitCode: 0,
      })
      await using connected = await connect('notes', space)
      expect(await toolsOf(connected)).toEqual(['write_note'])
      expect(await readdir(join(space.home, 'state'))).not.toContain('tokens')
    } finally {
      await keyring.stop()
    }
  })

  it('given a keychain that is away, wrap tells that from nobody being signed in', async ({ skip }) => {
    if (!hasKeyring()) skip('gnome-keyring and dbus-daemon are not installed here')
    const keyring = await startKeyring()
    await using space = await signedInSpace()
    try {
      const env = { DBUS_SESSION_BUS_ADDRESS: keyring.bus, XDG_RUNTIME_DIR: keyring.runtime }
      await signIn('alice', provider, space, { words: ['--store', 'keychain'], env })
    } finally {
      await keyring.stop()
    }
    await using connected = await connect('notes', space)
    expect(connected.client.getInstructions()).toContain('keychain')
    expect(connected.client.getInstructions()).not.toContain('Nobody is signed in')
    expect(await toolsOf(connected)).toEqual([])
  })
})
