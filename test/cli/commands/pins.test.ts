import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PinStore } from '../../../src/state/pins.ts'
import { freshHome, type Home } from '../hoopctl.ts'

let home: Home
let state: string
beforeEach(async () => {
  home = await freshHome()
  state = join(home.folder, 'home', 'state')
  mkdirSync(state, { recursive: true, mode: 0o700 })
})
afterEach(() => home[Symbol.asyncDispose]())

/** Pins definitions, each with the one that was seen last. */
function pin(
  ...definitions: readonly (readonly [server: string, name: string, pinned: object, seen: object])[]
) {
  const store = new PinStore(state)
  for (const [server, name, pinned, seen] of definitions) {
    store.check(server, server, name, JSON.stringify(pinned))
    store.check(server, server, name, JSON.stringify(seen))
  }
  store.close()
}

const SAME = [{ a: 1 }, { a: 1 }] as const
const CHANGED = [{ a: 1 }, { a: 2 }] as const

describe('pins list', () => {
  it('given a changed definition, shows what changed and the command that accepts it', async () => {
    pin(
      ['chg', 'tool:add', ...CHANGED],
      ['chg', 'tool:sub', ...SAME],
      ['/opt/my server', 'tool:$x', ...CHANGED],
    )
    expect((await home.hoopctl(['pins', 'list'])).stdout.split('\n')).toEqual([
      '/opt/my server  tool:$x  changed',
      '  - a: 1',
      '  + a: 2',
      "  to accept it: hoopctl pins accept '/opt/my server' 'tool:$x'",
      'chg  tool:add  changed',
      '  - a: 1',
      '  + a: 2',
      '  to accept it: hoopctl pins accept chg tool:add',
      'chg  tool:sub  same',
      '',
    ])
    expect((await home.hoopctl(['pins', 'accept', '/opt/my server', 'tool:$x'])).exitCode).toBe(0)
  })

  it('given a name that cannot be typed as it is shown, shows no command', async () => {
    pin(['chg', 'tool:\u001b[2J', ...CHANGED])
    const { stdout } = await home.hoopctl(['pins', 'list'])
    expect(stdout).toBe('chg  tool:\\u{1b}[2J  changed\n  - a: 1\n  + a: 2\n')
  })
})

describe('pins accept', () => {
  it('given a changed definition, accepts it, once', async () => {
    pin(['chg', 'tool:add', ...CHANGED])
    const { exitCode, stdout } = await home.hoopctl(['pins', 'accept', 'chg', 'tool:add'])
    expect({ exitCode, head: stdout.split('\n')[0] }).toEqual({
      exitCode: 0,
      head: 'Accepted tool:add of chg.',
    })
    expect(await home.hoopctl(['pins', 'accept', 'chg', 'tool:add'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'hoopctl: `tool:add` of `chg` has not changed since it was pinned\n  hint: run: hoopctl pins list\n',
    })
  })

  it.each([
    { args: ['same'], code: 'USAGE', message: 'nothing of `same` has changed since it was pinned' },
    {
      args: ['chg', 'add'],
      code: 'USAGE',
      message: 'no `add` of `chg` is pinned, did you mean `tool:add`?',
    },
    {
      args: ['chg', 'tool:ad'],
      code: 'USAGE',
      message: 'no `tool:ad` of `chg` is pinned, did you mean `tool:add`?',
    },
    { args: ['chg', 'tool:other'], code: 'USAGE', message: 'no `tool:other` of `chg` is pinned' },
    {
      args: ['smae'],
      code: 'UNKNOWN_SERVER',
      message: 'no definition of `smae` is pinned, did you mean `same`?',
      hint: 'pinned are definitions of: chg, same',
    },
  ])('given $args, says $message', async ({ args, code, message, hint = 'run: hoopctl pins list' }) => {
    pin(['chg', 'tool:add', ...CHANGED], ['same', 'tool:a', ...SAME])
    const { exitCode, stdout } = await home.hoopctl(['pins', 'accept', '--json', ...args])
    expect({ exitCode, told: JSON.parse(stdout) }).toEqual({
      exitCode: 2,
      told: { error: { code, message, hint } },
    })
  })

  it('given that nothing is pinned at all, says so', async () => {
    expect(await home.hoopctl(['pins', 'accept', 'db'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'hoopctl: no definition of `db` is pinned\n  hint: nothing is pinned yet\n',
    })
  })
})
