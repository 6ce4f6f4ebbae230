import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sessionsShow } from '../../src/cli/commands/sessions-show.ts'
import { fakeContext } from './fake-context.ts'
import { freshHome, type Home } from './hoopctl.ts'
import { recordSession } from './recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
})
afterEach(() => home[Symbol.asyncDispose]())

const CALLS = [
  { tool: 'list_tables', effect: 'allow' },
  { tool: 'query', effect: 'ask', args: '{"id":9007199254740993,"to":"a\u202eb"}' },
  { tool: 'drop\u001b[2J', effect: 'deny' },
] as const

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
    }
    expect(JSON.parse(stdout)).toEqual({ sessions: [expected] })
  })

  it('given a directory that others may enter, refuses it', async () => {
    recordSession({ stateDirectory, calls: CALLS })
    const directory = join(stateDirectory, 'sessions')
    await chmod(directory, 0o755)
    expect(await home.hoopctl(['sessions', 'list'])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `hoopctl: \`${directory}\` has mode 0755: other users may touch it\n  hint: run: chmod 700 ${directory}\n`,
    })
  })
})

describe('sessions show', () => {
  it('given a session, tells it without letting its texts reach the terminal', async () => {
    const { session, device } = recordSession({ stateDirectory, calls: CALLS })
    const { exitCode, stdout, stderr } = await home.hoopctl(['sessions', 'show', session.slice(0, 12)])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout.split('\n')).toEqual([
      `session ${session}, number 1`,
      'started     2026-11-21T09:14:07.000000Z',
      'server      orders-db: /opt/mcp-orders --db shop',
      'machine     alice on alice-mbp, hoopctl 0.1.0',
      `device      ${device}`,
      'subject     alice, the user of this computer, nobody signed in',
      'grants      none active',
      '09:14:07.002 #1  tools/call list_tables',
      '                {}',
      '                allowed by rules[0]: all allow',
      '09:14:07.003 #2  tools/call query',
      expect.stringMatching(/^ {16}\{"id":\d+,"to":"a\\u\{202e\}b"\}$/),
      '                asked by rules[1]: all allow',
      '09:14:07.004 #3  tools/call drop\\u{1b}[2J',
      '                {}',
      '                denied by rules[2]: one denies',
      '09:14:07.005 ended: the client closed',
      '                3 exchanges: 1 allowed, 1 asked, 1 denied',
      '',
    ])
  })

  it('given --json, prints the records with all digits, and escapes what could deceive', async () => {
    const { session, path } = recordSession({ stateDirectory, calls: CALLS })
    const { exitCode, stdout } = await home.hoopctl(['sessions', 'show', '1', '--json'])
    const lines = (await readFile(path, 'utf8')).trimEnd().replaceAll('\u202e', '\\u202e').split('\n')
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `{"session":"${session}","records":[${lines.join(',')}]}\n`,
    })
    expect(stdout).toContain('9007199254740993')
  })

  it.each([
    { given: 'a terminal', terminal: true, env: {}, coloured: true },
    { given: 'a terminal and NO_COLOR', terminal: true, env: { NO_COLOR: '1' }, coloured: false },
    { given: 'a terminal and an empty NO_COLOR', terminal: true, env: { NO_COLOR: '' }, coloured: true },
    { given: 'a dumb terminal', terminal: true, env: { TERM: 'dumb' }, coloured: false },
    { given: 'a pipe', terminal: false, env: {}, coloured: false },
  ])('given $given, is coloured: $coloured', async ({ terminal, env, coloured }) => {
    recordSession({ stateDirectory, calls: CALLS })
    const HOOPCTL_HOME = join(home.folder, 'home')
    const fake = fakeContext({ terminal, env: { HOOPCTL_HOME, ...env } })
    await sessionsShow({ session: '1', json: false }, fake.context)
    expect(fake.stdout().includes('\u001b[31m')).toBe(coloured)
  })

  it('given an id that is not there, says so', async () => {
    recordSession({ stateDirectory, calls: CALLS })
    expect(await home.hoopctl(['sessions', 'show', 'nosuch'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'hoopctl: there is no session `nosuch`\n  hint: run: hoopctl sessions list --all\n',
    })
  })
})

describe('sessions verify', () => {
  it('given nothing to verify, says what to type', async () => {
    expect(await home.hoopctl(['sessions', 'verify'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: [
        'hoopctl: nothing is named to verify\n',
        '  hint: type: hoopctl sessions verify ID, or, for all of this machine: ',
        `hoopctl sessions verify ${join(stateDirectory, 'sessions')}\n`,
      ].join(''),
    })
  })

  it('given sessions by id, number and path, verifies each', async () => {
    const first = recordSession({ stateDirectory, calls: CALLS })
    const killed = recordSession({ stateDirectory, calls: CALLS.slice(0, 2), ended: false })
    const third = recordSession({ stateDirectory, calls: [] })
    const verified = await home.hoopctl(['sessions', 'verify', first.session, '2', third.path])
    expect(verified).toEqual({
      exitCode: 0,
      stdout: [
        `${first.session}: ok, complete, 6 records\n`,
        `${killed.session}: ok, open, 4 records\n`,
        '  there is no footer: it is running, was killed, or its end was cut off; nothing is signed from record 0 on\n',
        `${third.session}: ok, complete, 3 records\n`,
      ].join(''),
      stderr: '',
    })
  })

  it('given --json, prints one object a session with what programs read', async () => {
    const { session, device } = recordSession({ stateDirectory, calls: CALLS })
    const open = recordSession({ stateDirectory, calls: [], ended: false })
    const { exitCode, stdout } = await home.hoopctl(['sessions', 'verify', '--json', '1', '2'])
    const known = { device, deviceKnown: true }
    const rest = { signedTo: 5, problem: null }
    const objects = stdout.trimEnd().split('\n')
    expect({ exitCode, objects: objects.map((line) => JSON.parse(line)) }).toEqual({
      exitCode: 0,
      objects: [
        { ok: true, session, state: 'complete', ...known, records: 6, ...rest },
        {
          ok: true,
          session: open.session,
          state: 'open',
          ...known,
          records: 2,
          signedTo: null,
          problem: null,
        },
      ],
    })
  })

  it('given an altered record, exits with 7 and says which; the session beside it is ok', async () => {
    const altered = recordSession({ stateDirectory, calls: CALLS })
    const intact = recordSession({ stateDirectory, calls: CALLS })
    const text = await readFile(altered.path, 'utf8')
    await writeFile(altered.path, text.replace('"denied":1', '"denied":0'))
    expect(await home.hoopctl(['sessions', 'verify', altered.session, intact.session])).toEqual({
      exitCode: 7,
      stdout: [
        `${altered.session}: broken, 5 records\n  the signature of record 5 (line 6) does not hold\n`,
        `${intact.session}: ok, complete, 6 records\n`,
      ].join(''),
      stderr: '',
    })
  })

  it('given the log of another device, exits with 7 unless its key is named', async () => {
    recordSession({ stateDirectory, calls: CALLS })
    const theirs = recordSession({ stateDirectory: join(home.folder, 'theirs'), calls: CALLS })
    const refused = await home.hoopctl(['sessions', 'verify', theirs.path])
    expect(refused).toEqual({
      exitCode: 7,
      stdout: `${theirs.session}: not trusted, 6 records\n  the device key \`${theirs.device}\` is not known here\n`,
      stderr: '',
    })
    const named = await home.hoopctl(['sessions', 'verify', '--device', theirs.device, theirs.path])
    expect(named).toEqual({ exitCode: 0, stdout: `${theirs.session}: ok, complete, 6 records\n`, stderr: '' })
  })

  it('given a directory from which a session is gone, exits with 7 and says which', async () => {
    const sessions = [1, 2, 3].map(() => recordSession({ stateDirectory, calls: [] }))
    const directory = join(stateDirectory, 'sessions')
    expect((await home.hoopctl(['sessions', 'verify', directory])).exitCode).toBe(0)
    await rm(sessions[1]?.path ?? '')
    expect(await home.hoopctl(['sessions', 'verify', directory])).toEqual({
      exitCode: 7,
      stdout: [
        `${sessions[0]?.session}: ok, complete, 3 records\n`,
        `${sessions[2]?.session}: ok, complete, 3 records\n`,
        `${directory}: broken, 0 records\n  session 2 is missing\n`,
      ].join(''),
      stderr: '',
    })
  })

  it('given half a last line, counts it out and says so', async () => {
    const { session, path } = recordSession({ stateDirectory, calls: [], ended: false })
    await appendFile(path, '{"seq":2')
    const { exitCode, stdout } = await home.hoopctl(['sessions', 'verify', session])
    expect({ exitCode, head: stdout.split('\n')[0] }).toEqual({
      exitCode: 0,
      head: `${session}: ok, open, 2 records`,
    })
    expect(stdout).toContain('half a line (8 bytes)')
  })

  it.each([
    {
      args: ['./nosuch.jsonl'],
      error: 'there is no file `./nosuch.jsonl`',
      hint: 'name a session’s id, a log file or a directory',
    },
    {
      args: ['--device', 'ed25519:x', '1'],
      error: '`ed25519:x` is no device key',
      hint: 'a device key is `ed25519:` and 43 characters, as `sessions show` prints it',
    },
  ])('given $args, exits with 2', async ({ args, error, hint }) => {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
    const outcome = await home.hoopctl(['sessions', 'verify', ...args])
    expect(outcome).toEqual({ exitCode: 2, stdout: '', stderr: `hoopctl: ${error}\n  hint: ${hint}\n` })
  })
})
