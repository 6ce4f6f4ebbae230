import { beforeAll, describe, expect, it } from 'vitest'
import { pythonWithSdk } from './python-sdk.ts'
import { rawClient } from './raw-client.ts'
import { fixture } from './repo.ts'
import { type Program, type Workspace, workspace } from './workspace.ts'

const RULES = [{ allow: { tool: 'echo' } }]
const CLEAN = '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":{}}}'
const FORBIDDEN = '{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"forbidden"}}'
// One JSON value, and three lines to whoever takes a CR for the end of a line: the one in the middle is a call.
const SMUGGLED = CLEAN.replace('"arguments":{', `"arguments":{"x":\r${FORBIDDEN}\r`).replace(
  '"id":7',
  '"id":9',
)

const PYTHONS: { given: string; server: (directory: string) => Program | null }[] = [
  {
    given: 'reads lines as the stock SDK does',
    server: (directory) => ({ command: 'python3', args: [fixture('python-server.py'), directory] }),
  },
  {
    given: 'is built on the stock SDK',
    server: (directory) =>
      sdk === null ? null : { command: sdk, args: [fixture('python-sdk-server.py'), directory] },
  },
]
let sdk: string | null = null

beforeAll(async () => {
  const found = await pythonWithSdk()
  if ('python' in found) sdk = found.python
  else console.error(`the Python SDK is left out: ${found.missing}`)
}, 600_000)

function wrapped(
  server: (directory: string) => Program | null,
  rules: readonly unknown[],
): Promise<Workspace> {
  return workspace({ rules, servers: (directory) => ({ python: { run: server(directory) } }) })
}

async function ran(space: Workspace): Promise<string> {
  return (await space.has('ran')) ? space.read('ran') : ''
}

describe.each(PYTHONS)('a Python server that $given', ({ server }) => {
  it('given a clean call through hoopctl, runs it', async ({ skip }) => {
    if (server('') === null) return skip('the Python SDK is not installed')
    await using space = await wrapped(server, RULES)
    await using client = rawClient(space.wrap('python'), space)
    await client.initialize()
    await client.write(`${CLEAN}\n`)
    expect(await client.answer(7)).toMatchObject({ result: { content: [{ text: 'ran echo' }] } })
    expect(await ran(space)).toBe('echo\n')
  })

  it('given a second call between two CRs, runs nothing of that line', async ({ skip }) => {
    if (server('') === null) return skip('the Python SDK is not installed')
    await using space = await wrapped(server, RULES)
    await using client = rawClient(space.wrap('python'), space)
    await client.initialize()
    await client.write(`${SMUGGLED}\n${CLEAN}\n`)
    await client.answer(7)
    expect(await ran(space)).toBe('echo\n') // of the clean call, which came last
    expect(
      client.lines.all.some((line) => line.includes('"error"') && /CR|carriage return/i.test(line)),
    ).toBe(true)
  })

  it('given the same line without hoopctl, runs the call that was smuggled', async ({ skip }) => {
    await using space = await workspace({})
    const program = server(space.path())
    if (program === null) return skip('the Python SDK is not installed')
    await using client = rawClient(program, space)
    await client.initialize()
    await client.write(`${SMUGGLED}\n`)
    await client.answer(8)
    expect(await ran(space)).toBe('forbidden\n')
  })
})
