import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rawClient } from './raw-client.ts'
import { rawSpace } from './raw-space.ts'
import { fixture, HOOPCTL, NODE } from './repo.ts'
import { workspace } from './workspace.ts'

const MINE = {
  HOME: '/home/ada',
  LOGNAME: 'ada',
  PATH: '/usr/bin:/bin',
  SHELL: '/bin/sh',
  TERM: 'xterm',
  USER: 'ada',
}
const TOO = {
  AWS_SECRET_ACCESS_KEY: 'secret',
  LANG: 'C.UTF-8',
  NODE_OPTIONS: '--no-warnings',
  TZ: 'UTC',
  XDG_RUNTIME_DIR: '/run/user/1000',
}

describe('the environment of a wrapped server', () => {
  it('given a name in the policy, is the short list, what it passes and what it sets', async () => {
    await using raw = await rawSpace({
      run: { passEnv: ['TZ', 'NOT_SET'], env: { MODE: 'ro', TERM: 'dumb' } },
    })
    const env = { ...raw.space.env, ...MINE, ...TOO, HOOPCTL_HOME: raw.space.home, HOOPCTL_X: 'x' }
    await using client = rawClient(raw.space.wrap('raw'), raw.space, { env })
    await client.initialize()
    expect((await raw.server.started()).env).toEqual({ ...MINE, TZ: 'UTC', MODE: 'ro', TERM: 'dumb' })
  })

  it('given a command in the client’s entry, is what hoopctl got without its own', async () => {
    await using raw = await rawSpace()
    const { command, args } = raw.server.entry['run'] as { command: string; args: string[] }
    const env = { ...MINE, ...TOO, HOOPCTL_HOME: raw.space.home, HOOPCTL_X: 'x' }
    await using client = rawClient(raw.space.wrap('--', command, ...args), raw.space, { env })
    await client.initialize()
    expect((await raw.server.started()).env).toEqual({ ...MINE, ...TOO })
  })

  it('given a function in a variable, as old shells export them, does not pass it', async () => {
    await using raw = await rawSpace()
    const env = { ...MINE, SHELL: '() { :; }', HOOPCTL_HOME: raw.space.home }
    await using client = rawClient(raw.space.wrap('raw'), raw.space, { env })
    await client.initialize()
    const { SHELL: _, ...rest } = MINE
    expect((await raw.server.started()).env).toEqual(rest)
  })

  it('given a working directory in the policy, starts there; else in hoopctl’s own', async () => {
    await using there = await rawSpace({ run: { cwd: '/usr' } })
    await using client = rawClient(there.space.wrap('raw'), there.space)
    await client.initialize()
    expect((await there.server.started()).cwd).toBe('/usr')
    await using here = await rawSpace()
    await using other = rawClient(here.space.wrap('raw'), here.space, { cwd: '/' })
    await other.initialize()
    expect((await here.server.started()).cwd).toBe('/')
  })
})

describe('a client with a window, which starts servers with almost nothing', () => {
  it('given HOME, a short PATH and / as working directory, finds the policy and the server', async () => {
    const run = (directory: string) => ({ command: NODE, args: [fixture('raw-server.mjs'), directory] })
    await using space = await workspace({ servers: (directory) => ({ raw: { run: run(directory) } }) })
    const stock = join(space.root, '.config', 'hoopctl')
    await mkdir(stock, { recursive: true, mode: 0o700 })
    await cp(space.policyFile, join(stock, 'policy.yaml'))
    const env = { HOME: space.root, PATH: '/usr/bin:/bin' }
    await using client = rawClient({ command: NODE, args: [HOOPCTL, 'wrap', 'raw'] }, space, {
      env,
      cwd: '/',
    })
    expect(await client.initialize()).toMatchObject({ result: { serverInfo: { name: 'raw' } } })
  })
})
