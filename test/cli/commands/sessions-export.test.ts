import {
  appendFileSync,
  chmodSync,
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
})
afterEach(() => home[Symbol.asyncDispose]())

const export1 = (...more: string[]) => home.hoopctl(['sessions', 'export', '1', ...more])

describe('sessions export', () => {
  it('given a session, writes an object for each exchange', async () => {
    const { session } = recordSession({ stateDirectory, calls: CALLS })
    const { exitCode, stdout, stderr } = await home.hoopctl(['sessions', 'export', session.slice(0, 12)])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const told = stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(told.map(({ tool, effect, outcome }) => ({ tool, effect, outcome }))).toEqual([
      { tool: 'drop\u001b[2J', effect: 'deny', outcome: 'denied' },
      { tool: 'list_tables', effect: 'allow', outcome: 'unanswered' },
      { tool: 'query', effect: 'ask', outcome: 'waiting' },
    ])
    expect(stdout).toContain('"arguments":{"id":9007199254740993,"to":"a\\u202eb"}')
    expect(/[^\n\u0020-\u007e]/.test(stdout)).toBe(false)
  })

  it.each([
    { format: 'jsonl', begins: '{"session":' },
    { format: 'csv', begins: '"session","number",' },
    { format: 'ocsf', begins: '{"category_uid":6,' },
    { format: 'html', begins: '<!doctype html>' },
  ])(
    'given --format $format and --out, replaces the file whole, for this user only',
    async ({ format, begins }) => {
      recordSession({ stateDirectory, calls: CALLS })
      await home.write('out', 'x'.repeat(100_000))
      chmodSync(join(home.folder, 'out'), 0o644)
      const outcome = await export1('--format', format, '--out', 'out')
      const { stdout } = await export1('--format', format)
      const [text, { mode }] = [
        readFileSync(join(home.folder, 'out'), 'utf8'),
        statSync(join(home.folder, 'out')),
      ]
      expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: '' })
      expect({ text, mode: mode & 0o777 }).toEqual({ text: stdout, mode: 0o600 })
      expect(text.startsWith(begins)).toBe(true)
      expect(readdirSync(home.folder).toSorted()).toEqual(['home', 'out'])
    },
  )

  it('given lines that are no records, leaves them out, says so and ends with 7', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS, ended: false })
    appendFileSync(path, 'no JSON\n')
    const { exitCode, stdout, stderr } = await export1()
    expect({ exitCode, lines: stdout.split('\n').length - 1, stderr }).toEqual({
      exitCode: 7,
      lines: 3,
      stderr:
        'hoopctl: left out what is no record, or fits no exchange: 1 line of the log\n  hint: run: hoopctl sessions verify 1\n',
    })
  })

  it.each([
    {
      given: 'an id that is not there',
      args: ['nosuch'],
      stderr: 'hoopctl: there is no session `nosuch`\n  hint: run: hoopctl sessions list --all\n',
      exitCode: 2,
    },
    {
      given: 'a format that there is not',
      args: ['1', '--format', 'xml'],
      stderr:
        'hoopctl: option `--format <FORMAT>` argument `xml` is invalid. Allowed choices are jsonl, csv, ocsf, html\n  hint: add --help to see what can be typed\n',
      exitCode: 2,
    },
    {
      given: 'a folder that there is not',
      args: ['1', '--out', 'none/out'],
      stderr: 'hoopctl: there is no directory `none`\n  hint: run: mkdir -p none\n',
      exitCode: 8,
    },
  ])('given $given, says so', async ({ args, stderr, exitCode }) => {
    recordSession({ stateDirectory, calls: CALLS })
    const outcome = await home.hoopctl(['sessions', 'export', ...args])
    expect(outcome).toEqual({ exitCode, stdout: '', stderr })
  })

  it('given a log of 160 MB and a heap of 64 MB, writes all of it', async () => {
    const { path } = recordSession({ stateDirectory, calls: CALLS, ended: false })
    appendCalls(path, 1600)
    const env = { NODE_OPTIONS: '--max-old-space-size=64' }
    const args = ['sessions', 'export', '1', '--format', 'html', '--out', 'out.html']
    const { exitCode, stderr } = await home.hoopctl(args, { env })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const page = readFileSync(join(home.folder, 'out.html'), 'utf8')
    expect(page.split('<article ').length - 1).toBe(1600 + CALLS.length)
  })
})

/** Appends calls with an answer of 100 kB each, which V8 keeps in its heap: a chain that does not hold, which an export does not ask. */
function appendCalls(path: string, count: number): void {
  const file = openSync(path, 'a')
  const text = 'z'.repeat(100_000)
  for (let exchange = 100; exchange < 100 + count; exchange += 1) {
    const decision = { effect: 'allow', rules: [], why: 'all allow' }
    const asked = { kind: 'request', from: 'client', exchange, method: 'tools/call', tool: 'query', decision }
    const answer = {
      kind: 'response',
      from: 'server',
      exchange,
      message: { result: { content: [{ type: 'text', text }] } },
    }
    writeSync(file, `${JSON.stringify(asked)}\n${JSON.stringify(answer)}\n`)
  }
  closeSync(file)
}
