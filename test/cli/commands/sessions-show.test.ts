import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { RecordedSession } from '../../../src/audit/recorded-session.ts'
import { sessionsShow } from '../../../src/cli/commands/sessions-show.ts'
import { fakeContext } from '../fake-context.ts'
import { freshHome, type Home, LAUNCHER, NODE } from '../hoopctl.ts'
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
      `session ${session}, number 1  record 0`,
      'started     2026-11-21T09:14:07.000000Z',
      'server      orders-db: /opt/mcp-orders --db shop',
      'machine     alice on alice-mbp, hoopctl 0.1.0',
      `device      ${device}`,
      'subject     alice, the user of this computer, nobody signed in  record 1',
      'grants      none active',
      '09:14:07.002 #1  tools/call list_tables  record 2',
      '                {}',
      '                allowed by rules[0]: all allow',
      '09:14:07.003 #2  tools/call query  record 3',
      expect.stringMatching(/^ {16}\{"id":\d+,"to":"a\\u\{202e\}b"\}$/),
      '                asked by rules[1]: all allow',
      '09:14:07.004 #3  tools/call drop\\u{1b}[2J  record 4',
      '                {}',
      '                denied by rules[2]: one denies',
      '09:14:07.005 ended: the client closed  record 5',
      '                3 exchanges: 1 allowed, 1 asked, 1 denied',
      '',
    ])
  })

  it('given a log that was altered, calls the record by the number that `verify` says', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS })
    const lines = await readFile(path, 'utf8')
    await writeFile(path, lines.replace('{"seq":4,', '{"seq":40,'))
    const { stdout } = await home.hoopctl(['sessions', 'verify', '1'])
    const named = /(record \d+) \(line \d+\) was altered/u.exec(stdout)?.[1]
    const shown = (await home.hoopctl(['sessions', 'show', '1'])).stdout.split('\n')
    expect(shown.filter((line) => line.endsWith(`  ${named}`))).toEqual([
      '09:14:07.004 #3  tools/call drop\\u{1b}[2J  record 4',
    ])
    await writeFile(path, lines.replace('{"seq":3,', '"seq":3,'))
    expect((await home.hoopctl(['sessions', 'show', '1'])).stdout).toContain(
      'a line that is no record  record 3\n',
    )
  })

  it('given numbers that JavaScript would write otherwise, tells them as they came; in `replay`, too', async () => {
    const args =
      '{"id":9007199254740993,"price":1.50,"big":1e400,"zero":-0,"plain":[12,0.5,-3],"\\u0061":"a"}'
    const { path } = recordSession({ stateDirectory, calls: [{ tool: 'pay', effect: 'allow', args }] })
    const told = args.replace('\\u0061', 'a')
    expect((await home.hoopctl(['sessions', 'show', '1'])).stdout).toContain(`${told}\n`)
    const session = new RecordedSession(path)
    session.readOn(() => false)
    const texts = [...Array(session.entries.count).keys()].flatMap((place) => session.told(place))
    session.close()
    expect(texts.map(({ text }) => text.trim())).toContain(told)
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

  it('given a log of 160 MB, a heap of 64 MB and --json, prints all of it', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS, ended: false })
    appendLines(path, 1600, (exchange) => answer(exchange, { text: 'z'.repeat(100_000) }))
    const { code, error, bytes } = await printed(['sessions', 'show', '1', '--json'])
    expect({ code, error, isWhole: bytes > 160_000_000 }).toEqual({ code: 0, error: '', isWhole: true })
  })

  it('given 300,000 small records and a heap of 64 MB, prints all of them', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS, ended: false })
    appendLines(path, 300_000, (exchange) => answer(exchange, {}))
    const { code, error, last } = await printed(['sessions', 'show', '1'])
    expect({ code, error, last }).toEqual({
      code: 0,
      error: '',
      last: 'no end is recorded: it is running, was killed, or its end was cut off',
    })
  })

  it('given messages whose values have no room in a heap of 64 MB, tells them all the same', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS, ended: false })
    const rows = `[${'[1],'.repeat(5_000_000)}"é"]`
    const args = `{"path":"/a","text":"${'é\\u00e9'.repeat(1000)}","rows":${rows}}`
    const params = `{"name":"import","arguments":${args}}`
    appendFileSync(
      path,
      `{"kind":"request","from":"client","exchange":4,"method":"tools/call","message":{"params":${params}}}\n` +
        `{"kind":"response","from":"server","exchange":4,"message":{"error":{"data":${rows}}}}\n`,
    )
    const { code, text } = await printed(['sessions', 'show', '1'])
    const told = text.split('\n').slice(-6, -1)
    expect({ code, told }).toEqual({
      code: 0,
      told: [
        '?            #4  tools/call import  record 5',
        `                ${`{"path":"/a","text":"${'é'.repeat(200)}`.slice(0, 160)}…`,
        '                : ?',
        '?            #4  answered with an error in ?, size not recorded  record 6',
        'no end is recorded: it is running, was killed, or its end was cut off',
      ],
    })
  })

  it('given a reader that has seen enough, ends without a word', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS, ended: false })
    appendLines(path, 100_000, (exchange) => answer(exchange, {}))
    const child = show(['sessions', 'show', '1'])
    child.stdout.once('data', () => child.stdout.destroy())
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, error: child.error() }).toEqual({ code: 0, error: '' })
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

/** Appends lines: a chain that does not hold, which `show` does not ask. */
function appendLines(path: string, count: number, line: (exchange: number) => string): void {
  const file = openSync(path, 'a')
  for (let exchange = 100; exchange < 100 + count; exchange += 1) writeSync(file, line(exchange))
  closeSync(file)
}

function answer(exchange: number, result: object): string {
  return `${JSON.stringify({ kind: 'response', from: 'server', exchange, message: { result } })}\n`
}

/** Runs hoopctl with a small heap; whoever reads stdout may be slow. */
function show(args: readonly string[]) {
  const env = { HOME: home.folder, HOOPCTL_HOME: join(home.folder, 'home') }
  const child = spawn(NODE, ['--max-old-space-size=64', LAUNCHER, ...args], { env, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let error = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text
  })
  return Object.assign(child, { error: () => error })
}

async function printed(args: readonly string[]) {
  const child = show(args)
  let [bytes, text] = [0, '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    bytes += chunk.length
    text = (text + chunk).slice(-100_000)
  })
  const [code] = (await once(child, 'close')) as [number]
  return { code, error: child.error(), bytes, text, last: text.split('\n').at(-2) }
}
