import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sessionsList } from '../../../src/cli/commands/sessions-list.ts'
import { fakeContext } from '../fake-context.ts'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
})
afterEach(() => home[Symbol.asyncDispose]())

const TITLES = ['NUMBER', 'SESSION', 'STARTED', 'STATE', 'SERVER', 'SUBJECT', 'CALLS', 'ASKED', 'DENIED']

describe('sessions list', () => {
  it('given no state at all, says so and makes none', async () => {
    expect(await home.hoopctl(['sessions', 'list'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'hoopctl: there are no sessions yet; --all shows also those in which nothing was called\n',
    })
    expect(await home.hoopctl(['sessions', 'list', '--json'])).toEqual({
      exitCode: 0,
      stdout: '{"sessions":[]}\n',
      stderr: '',
    })
    await expect(readFile(join(stateDirectory, 'device.pem'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('given sessions, shows those with a call in aligned columns, and all with --all', async () => {
    const first = recordSession({ stateDirectory, calls: CALLS.slice(0, 1) })
    const probe = recordSession({ stateDirectory, calls: [] })
    const killed = recordSession({ stateDirectory, calls: CALLS.slice(0, 2), ended: false })
    const row = (number: number, { session }: typeof first, rest: string) =>
      `${number}       ${session}  2026-11-21 09:14:07Z  ${rest}\n`
    const title =
      'NUMBER  SESSION                     STARTED               STATE     SERVER     SUBJECT  CALLS  ASKED  DENIED\n'
    const rows = [
      row(1, first, 'complete  orders-db  alice    1      0      0'),
      row(2, probe, 'complete  orders-db  alice    0      0      0'),
      row(3, killed, 'open      orders-db  alice    2      1      0'),
    ]
    const shown = await home.hoopctl(['sessions', 'list'])
    expect(shown).toEqual({ exitCode: 0, stdout: `${title}${rows[0]}${rows[2]}`, stderr: '' })
    const all = await home.hoopctl(['sessions', 'list', '--all'])
    expect(all).toEqual({ exitCode: 0, stdout: `${title}${rows.join('')}`, stderr: '' })
  })

  it('given --json, prints what programs read', async () => {
    const { session } = recordSession({ stateDirectory, calls: CALLS })
    const { stdout } = await home.hoopctl(['sessions', 'list', '--json'])
    const started = '2026-11-21T09:14:07.000000Z'
    const ended = '2026-11-21T09:14:07.005000Z'
    const counts = { calls: 3, asked: 1, denied: 1 }
    const expected = {
      session,
      started,
      ended,
      state: 'complete',
      server: 'orders-db',
      subject: 'alice',
      ...counts,
      held: false,
    }
    expect(JSON.parse(stdout)).toEqual({ sessions: [expected] })
  })

  it.each([
    { width: 200, left: TITLES },
    { width: 108, left: TITLES },
    { width: 107, left: TITLES.filter((title) => title !== 'SESSION') },
    { width: 80, left: TITLES.filter((title) => title !== 'SESSION') },
    { width: 71, left: TITLES.filter((title) => title !== 'SESSION' && title !== 'SUBJECT') },
    { width: 1, left: ['NUMBER', 'SERVER', 'CALLS', 'DENIED'] },
  ])('given a terminal of $width columns, shows $left', async ({ width, left }) => {
    recordSession({ stateDirectory, calls: CALLS })
    const fake = fakeContext({ terminal: true, width, env: { HOOPCTL_HOME: join(home.folder, 'home') } })
    await sessionsList({ all: false, json: false }, fake.context)
    const [titles = '', row = '', ...rest] = fake.stdout().split('\n')
    expect({ titles: titles.split(/ +/), cells: row.split(/ {2,}/).length, rest }).toEqual({
      titles: left,
      cells: left.length,
      rest: [''],
    })
    if (width > 50) expect(row.length).toBeLessThanOrEqual(width)
  })

  it.each([
    { filters: ['--person', 'alice', '--server', 'orders-db', '--effect', 'deny'], numbers: ['1'] },
    {
      filters: ['--tool', 'list_tables', '--since', '2026-11-21', '--until', '2026-11-22'],
      numbers: ['1', '2'],
    },
    { filters: ['--text', '9007199254740993'], numbers: ['1'] },
    { filters: ['--text', 'nowhere'], numbers: [] },
    { filters: ['--text', 'a\u202eB'], numbers: ['1'] },
    { filters: ['--all', '--until', '2026-11-21T09:14:07Z'], numbers: ['1', '2', '3'] },
  ])('given $filters, lists $numbers', async ({ filters, numbers }) => {
    recordSession({ stateDirectory, calls: CALLS })
    recordSession({ stateDirectory, calls: CALLS.slice(0, 1) })
    recordSession({ stateDirectory, calls: [] })
    const { exitCode, stdout, stderr } = await home.hoopctl(['sessions', 'list', ...filters])
    const listed = stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(' ')[0])
    const none = 'hoopctl: none of 3 sessions fits; --all shows also those in which nothing was called\n'
    expect({ exitCode, listed, stderr }).toEqual({
      exitCode: 0,
      listed: numbers,
      stderr: numbers.length === 0 ? none : '',
    })
  })

  it('given a filter and a session that is not readable to its end, says that it may fit', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS })
    await writeFile(path, (await readFile(path, 'utf8')).replace('{"seq":4', '{"seq":9'))
    recordSession({ stateDirectory, calls: CALLS.slice(0, 1) })
    const { exitCode, stdout, stderr } = await home.hoopctl([
      'sessions',
      'list',
      '--json',
      '--tool',
      'nosuch',
    ])
    const note = 'hoopctl: not listed, but not readable to the end either: 1 session (1)\n'
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '{"sessions":[]}\n', stderr: note })
  })

  it.each([
    {
      args: ['--effect', 'allowed'],
      error: 'there is no effect `allowed`',
      hint: 'write allow, ask or deny',
    },
    { args: ['--person', ''], error: '`--person` is empty', hint: 'say what to look for' },
    {
      args: ['--since', 'yesterday'],
      error: '`--since` wants a point in time, and `yesterday` is none',
      hint: 'write it like 2026-11-21T09:14:07Z, 2026-11-21 or, for seven days ago, 7d',
    },
    {
      args: ['--since', '1d', '--until', '2d'],
      error: '`--until` is before `--since`',
      hint: 'no session is between the two: change one of them',
    },
  ])('given $args, exits with 2', async ({ args, error, hint }) => {
    const outcome = await home.hoopctl(['sessions', 'list', ...args])
    expect(outcome).toEqual({ exitCode: 2, stdout: '', stderr: `hoopctl: ${error}\n  hint: ${hint}\n` })
  })

  it.each(['list', 'show 1', 'verify 1'])(
    'given %s and a directory that others may enter, refuses it',
    async (line) => {
      recordSession({ stateDirectory, calls: CALLS })
      for (const directory of [join(stateDirectory, 'sessions'), stateDirectory]) {
        await chmod(directory, 0o755)
        expect(await home.hoopctl(['sessions', ...line.split(' ')])).toEqual({
          exitCode: 3,
          stdout: '',
          stderr: `hoopctl: \`${directory}\` has mode 0755: other users may touch it\n  hint: run: chmod 700 ${directory}\n`,
        })
        await chmod(directory, 0o700)
      }
      expect((await home.hoopctl(['sessions', ...line.split(' ')])).exitCode).toBe(0)
    },
  )
})
