import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sessionsShow } from '../../../src/cli/commands/sessions-show.ts'
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
    await sessionsShow({ session: '1', follow: false, json: false }, fake.context)
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
