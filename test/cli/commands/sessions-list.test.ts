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
      hold: null,
    }
    expect(JSON.parse(stdout)).toEqual({ sessions: [expected] })
  })

  it.each([
    { width: 200, missing: [] },
    { width: 119, missing: [] },
    { width: 118, missing: ['SESSION'] },
    { width: 91, missing: ['SESSION'] },
    { width: 87, missing: ['SESSION'] },
    { width: 80, missing: ['SESSION', 'ASKED'] },
    { width: 40, missing: ['SESSION', 'ASKED', 'STATE', 'STARTED', 'CALLS'] },
  ])('given a terminal of $width columns, says who it was, and that $missing has no room', async (given) => {
    recordSession({ stateDirectory, calls: CALLS, email: 'alice@acme.example' })
    const { width, missing } = given
    const fake = fakeContext({ terminal: true, width, env: { HOOPCTL_HOME: join(home.folder, 'home') } })
    await sessionsList({ all: false, json: false }, fake.context)
    const [titles = '', row = '', ...rest] = fake.stdout().split('\n')
    const left = TITLES.filter((title) => !missing.includes(title))
    const note = `hoopctl: no room for ${missing.join(', ')}; --json has all\n`
    expect({ titles: titles.split(/ +/), rest, stderr: fake.stderr() }).toEqual({
      titles: left,
      rest: [''],
      stderr: missing.length === 0 ? '' : note,
    })
    expect(row.split(/ {2,}/)[left.indexOf('SUBJECT')]).toBe(
      width < 50 ? 'alice@acme.ex…' : 'alice@acme.example',
    )
    expect(row.length).toBeLessThanOrEqual(width)
  })

  it('given 80 columns and long names, cuts those, and the time, before it leaves out the state', async () => {
    const email = 'alexandra.montgomery@engineering.acme.example'
    recordSession({ stateDirectory, calls: CALLS, email })
    await home.hoopctl(['sessions', 'hold', '1', '--reason', 'INC-2211'])
    const fake = fakeContext({ terminal: true, env: { HOOPCTL_HOME: join(home.folder, 'home') } })
    await sessionsList({ all: false, json: false }, fake.context)
    expect(fake.stdout()).toBe(
      [
        'NUMBER  STARTED     STATE     SERVER     SUBJECT             CALLS  DENIED  HELD',
        '1       2026-11-21  complete  orders-db  alexandra.montgom…  3      1       held',
        '',
      ].join('\n'),
    )
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

  it('given a text and sessions with messages by their digest, says how many could not be searched', async () => {
    const listed = async (...filters: string[]) => {
      const { stdout, stderr } = await home.hoopctl(['sessions', 'list', '--json', ...filters])
      return { calls: JSON.parse(stdout).sessions.map(({ calls }: { calls: number }) => calls), stderr }
    }
    recordSession({ stateDirectory, calls: CALLS })
    recordSession({ stateDirectory, calls: CALLS.slice(0, 1), byDigest: true })
    const note = 'messages only by digest or in part: their texts cannot be searched\n'
    expect(await listed('--text', '9007199254740993')).toEqual({
      calls: [3],
      stderr: `hoopctl: 1 other session holds ${note}`,
    })
    expect(await listed('--text', 'list_tables')).toEqual({ calls: [3, 1], stderr: '' })
    expect(await listed('--tool', 'query', '--text', 'nowhere')).toEqual({ calls: [], stderr: '' })
    recordSession({ stateDirectory, calls: CALLS.slice(0, 2), byDigest: true })
    expect((await listed('--text', '9007199254740993')).stderr).toBe(`hoopctl: 2 other sessions hold ${note}`)
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
    {
      args: ['--pruned', '--person', 'alice'],
      error: '`--person` and `--pruned` do not go together',
      hint: 'a note says when it was pruned, and where it lay: look for the rest in the log there',
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
