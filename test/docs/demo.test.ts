import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NODE, ROOT } from '../e2e/repo.ts'
import { codeBlocks, page } from './markdown.ts'
import { connectEntry, connectToOrders } from './orders-client.ts'
import { type Reader, reader } from './reader.ts'
import { missingLines } from './shown-output.ts'

interface Entry {
  readonly command: string
  readonly args: readonly string[]
}

async function runDemo({ folder, env }: Reader) {
  const options = { env, extendEnv: false, reject: false } as const
  const { stdout, stderr, exitCode } = await execa(NODE, [join(folder, 'examples', 'demo.mjs')], options)
  return { stdout, stderr, exitCode }
}

const TERMINAL = join(ROOT, 'test', 'fixtures', 'cli', 'terminal.py')

/** Texts that the demo shows, in any order, and what the viewer presses then. */
interface Key {
  readonly after: readonly string[]
  readonly text: string
}

const DENIES: readonly Key[] = [
  { after: ['Press Return to see it'], text: '\r' },
  { after: ['a approve'], text: 'd' },
  { after: ['Deny. A message to the model'], text: '\r' },
]
// The screen calls a call queued once nobody holds it any more; its keys count once they are shown.
const APPROVES_LATE: readonly Key[] = [
  { after: ['Press Return to see it'], text: '\r' },
  { after: ['queued, ', 'a approve'], text: 'a' },
]

/** Runs the demo at a terminal, and presses the keys when it asks for them. */
async function viewerPresses(wanted: readonly Key[], { folder, env }: Reader) {
  const sized = [
    'sh',
    '-c',
    'stty rows 24 columns 80; exec "$0" "$1"',
    NODE,
    join(folder, 'examples', 'demo.mjs'),
  ]
  const child = execa('python3', [TERMINAL, ...sized], {
    env: { ...env, TERM: 'xterm' },
    extendEnv: false,
    reject: false,
  })
  const keys = [...wanted]
  let shown = ''
  child.stdout.on('data', (chunk) => {
    shown += chunk
    const [next] = keys
    if (next === undefined || !next.after.every((text) => shown.includes(text))) return
    keys.shift()
    shown = ''
    child.stdin.write(next.text)
  })
  const { stdout, exitCode } = await child
  return { shown: stripVTControlCharacters(stdout).replaceAll('\r\n', '\n'), exitCode }
}

/** Takes away what the demo makes pseudo-terminals with. */
function withoutScript({ folder }: Reader) {
  const path = join(folder, 'examples', 'demo', 'at-terminal.mjs')
  writeFileSync(path, readFileSync(path, 'utf8').replace('/usr/bin/script', '/nonexistent/script'))
}

describe('npm run demo', () => {
  const someone = reader()
  let demo: Awaited<ReturnType<typeof runDemo>>
  beforeAll(async () => {
    // As umask 002 leaves a clone, the default of many systems.
    chmodSync(join(someone.folder, 'examples', 'orders-db'), 0o775)
    chmodSync(join(someone.folder, 'examples', 'orders-db', 'policy.yaml'), 0o664)
    demo = await runDemo(someone)
  })
  afterAll(() => someone[Symbol.asyncDispose]())

  it('given a clone that a group may write, shows what the README shows, fits 80 columns, and leaves nothing behind', () => {
    const { stdout, stderr, exitCode } = demo
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    const [shown] = codeBlocks(page('README.md'), 'console')
    expect(missingLines(shown?.text.replace('$ npm run demo\n', '') ?? '', stdout)).toEqual([])
    const wide = stdout.split('\n').filter((line) => line.length > 80 && !line.includes(someone.folder))
    expect(wide).toEqual([])
    expect(readdirSync(someone.env['TMPDIR'] ?? '')).toEqual([])
  })

  it('given the entries that it ends with, clients get a server with what policy allows', async () => {
    const { stdout } = demo
    const [desktop, code] = [...stdout.matchAll(/^\{\n.*?^\}$/gms)].map(
      ([text]) => JSON.parse(text) as unknown,
    )
    expect(desktop).toEqual({ mcpServers: { 'orders-db': expect.anything() } })
    const { mcpServers } = desktop as { mcpServers: { 'orders-db': Entry } } // as just compared
    const entry = mcpServers['orders-db']
    expect(code).toEqual({ servers: { 'orders-db': { type: 'stdio', ...entry } } })
    expect(stdout.replaceAll(' \\\n  ', ' ')).toContain(
      `\nclaude mcp add orders-db -- ${[entry.command, ...entry.args].join(' ')}\n`,
    )
    const client = await connectEntry(entry, someone.env)
    const { tools } = await client.listTools()
    await client.close()
    const names = ['list_tables', 'get_order', 'read_table', 'query', 'refund_order']
    expect(tools.map(({ name }) => name)).toEqual(names)
  })

  it.concurrent('given a viewer at a terminal, asks them: what they deny is not sent', async () => {
    await using someone = reader()
    const { shown, exitCode } = await viewerPresses(DENIES, someone)
    expect(exitCode).toBe(0)
    expect(shown).toMatch(
      /Denied A-\w{8}: refund_order\n {4}with {5}hoopctl denied the tool `refund_order`: .* denied it/u,
    )
    expect(shown).not.toContain('the demo plays them at')
  })

  it.concurrent('given a viewer who approves when the hold is over, says so, and repeats the call: it passes', async () => {
    await using someone = reader()
    const policy = join(someone.folder, 'examples', 'orders-db', 'policy.yaml')
    const held = 'reason: above 50 euros a person decides\n'
    const shorter = `${held}    approval: { wait: 2s }\n`
    writeFileSync(policy, readFileSync(policy, 'utf8').replace(held, shorter))
    const { shown, exitCode } = await viewerPresses(APPROVES_LATE, someone)
    expect(exitCode).toBe(0)
    expect(shown).toMatch(
      /Approved (A-\w{8}): refund_order\. It passes when repeated, until \d\d:\d\d UTC\n {2}That was after the 45 seconds.*waiting for\s+approval\s+\1:.*answer counts:\n {4}with {5}order 1041: 940\.00 of 940\.00/su,
    )
  })

  it.concurrent('given a policy that lets salaries through, ends with 1 and says what is not as promised', async () => {
    await using someone = reader()
    const path = join(someone.folder, 'examples', 'orders-db', 'policy.yaml')
    const policy = readFileSync(path, 'utf8')
    const loose = policy.replaceAll('startsWith("hr.")', 'startsWith("none.")').replace('"shop."', '""')
    writeFileSync(path, loose)
    const { stderr, exitCode } = await runDemo(someone)
    const promise =
      'The same tool with another argument: a condition refuses it: refused by rules.no-salaries'
    const lines = [
      `this is not as promised: ${promise}`,
      '  expected  {"refused":true,"rules":["rules.no-salaries"]}',
      '  seen      {"refused":false,"rules":[]}',
    ]
    expect({ stderr: stderr.split('\n'), exitCode }).toEqual({ stderr: lines, exitCode: 1 })
  })
})

describe('the policy of the company in the demo', () => {
  const someone = reader()
  afterAll(() => someone[Symbol.asyncDispose]())

  it('given as it stands, lint finds no fault, and warns of refunds that nobody asks for', async () => {
    const { output, exitCode } = await someone.types('hoopctl policy lint examples/orders-db/company.yaml')
    expect([output.split('\n').at(-1), exitCode]).toEqual([
      'examples/orders-db/company.yaml: ok (4 rules, 1 server)',
      0,
    ])
    expect(output.match(/warning: .*/gu)).toEqual([
      'warning: `support-desk` starts with `wrap`, and allows more than reading: `refund_order`',
    ])
  })

  it('given exports that nobody has to ask for, and a system that makes no terminals, the demo ends with 1, and leaves nothing behind', async () => {
    const path = join(someone.folder, 'examples', 'orders-db', 'company.yaml')
    const policy = readFileSync(path, 'utf8')
    const always = policy.replace('{ mode: request, reason: required }', '{ mode: session }')
    const loose = always.replace('{ default: 5s }', '{ default: 5m }') // also on a machine that takes its time
    writeFileSync(path, loose)
    withoutScript(someone)
    const { stdout, stderr, exitCode } = await runDemo(someone)
    expect(stdout).toMatch(
      /at pipes that pass for a terminal:\n {2}\$ hoopctl approve (A-\w{8})\n {2}Approved \1: refund_order(?:\. It passes when repeated, until \d\d:\d\d UTC)?\n/u,
    )
    const lines = [
      'this is not as promised: without the grant, the call is denied and the command is named',
      '  expected  {"refused":true,"helps":true}',
      '  seen      {"refused":false,"helps":false}',
    ]
    expect({ stderr: stderr.split('\n'), exitCode }).toEqual({ stderr: lines, exitCode: 1 })
    expect(readdirSync(someone.env['TMPDIR'] ?? '')).toEqual([])
  })
})

describe('the server of the demo, behind hoopctl', () => {
  it('given resources and a prompt, gives those that policy allows', async () => {
    await using someone = reader()
    const client = await connectToOrders(someone)
    const { resources } = await client.listResources()
    const names = resources.map(({ name }) => name)
    const { contents } = await client.readResource({ uri: 'orders-db://schema/shop/orders' })
    const denied = await client.readResource({ uri: 'orders-db://schema/hr/salaries' }).catch(String)
    const { messages } = await client.getPrompt({ name: 'answer_customer', arguments: { order: '1042' } })
    await client.close()
    expect(names).toEqual(['shop.customers', 'shop.orders'])
    const text = expect.stringContaining('total numeric') as unknown
    expect(contents).toEqual([{ uri: 'orders-db://schema/shop/orders', mimeType: 'text/plain', text }])
    expect(denied).toContain('hoopctl denied the resource `orders-db://schema/hr/salaries`')
    expect(messages).toHaveLength(1)
  })

  it('given a statement that writes, PostgreSQL refuses it: the tool is read-only by itself', async () => {
    await using someone = reader()
    const server = join(someone.folder, 'examples', 'orders-db', 'server.mjs')
    const client = await connectEntry({ command: NODE, args: [server] }, someone.env)
    const read = await client.callTool({
      name: 'query',
      arguments: { sql: 'SELECT count(*) FROM shop.orders' },
    })
    const write = await client.callTool({ name: 'query', arguments: { sql: 'DELETE FROM shop.orders' } })
    await client.close()
    expect(read).toEqual({ content: [{ type: 'text', text: 'count=12' }] })
    const text = 'failed: cannot execute DELETE in a read-only transaction'
    expect(write).toEqual({ content: [{ type: 'text', text }], isError: true })
  })
})
