import { describe, expect, it } from 'vitest'
import { anyClient, type Kind } from './any-client.ts'
import { fixture, NODE } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const PAIRS: readonly { readonly client: Kind; readonly server: string; readonly version: string }[] = [
  { client: 'v1', server: 'legacy', version: '2025-11-25' },
  { client: 'v1', server: 'old', version: '2024-11-05' },
  { client: 'v1', server: 'modern', version: '2025-11-25' },
  { client: 'v2 legacy', server: 'legacy', version: '2025-11-25' },
  { client: 'v2 legacy', server: 'old', version: '2024-11-05' },
  { client: 'v2 legacy', server: 'modern', version: '2025-11-25' },
  { client: 'v2 modern', server: 'modern', version: '2026-07-28' },
  { client: 'v2 auto', server: 'modern', version: '2026-07-28' },
  { client: 'v2 auto', server: 'legacy', version: '2025-11-25' },
]

const RULES = [
  { allow: { tool: ['read_*', 'ask_*', 'needs_url', 'grow'] } },
  { allow: { tool: 'write_note' }, when: 'args.name == "allowed.txt"' },
  { deny: { tool: 'read_*' }, when: 'args.name == "secret.txt"', name: 'no-secrets', reason: 'it is secret' },
  { allow: { resource: 'note:///public/**' } },
  { allow: { prompt: 'greet' } },
]
const QUESTIONS = ['roots', 'sampling', 'elicitation.form', 'elicitation.url']
const ASK_TOOLS = ['ask_roots', 'ask_sampling', 'ask_form', 'ask_url']

function notes(rules: readonly unknown[]): Promise<Workspace> {
  return workspace({
    rules,
    servers: (directory) => ({
      legacy: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
      old: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory, '2024-11-05'] } },
      modern: { run: { command: NODE, args: [fixture('modern-server.mjs'), directory] } },
    }),
  })
}

async function lines(space: Workspace, name: string): Promise<readonly string[]> {
  return (await space.has(name)) ? (await space.read(name)).trim().split('\n') : []
}

describe.each(PAIRS)('given a $client client and a $server server', ({ client: kind, server, version }) => {
  it('speaks their version and shows what could be allowed, nothing else', async () => {
    await using space = await notes(RULES)
    await using client = await anyClient(kind, server, space)
    const needsUrl = server === 'modern' ? [] : ['needs_url'] // the second SDK has no such error
    expect({
      version: client.version,
      tools: (await client.tools()).toSorted(),
      resources: await client.resources(),
      templates: await client.templates(),
      prompts: await client.prompts(),
    }).toEqual({
      version,
      tools: ['read_note', 'write_note', 'grow', ...ASK_TOOLS, ...needsUrl].toSorted(),
      resources: ['note:///public/a'],
      templates: ['note:///public/{name}'],
      prompts: ['greet'],
    })
  })

  it('runs the calls that are allowed, and only those', async () => {
    await using space = await notes(RULES)
    await using client = await anyClient(kind, server, space)
    const allowed = await client.call('write_note', { name: 'allowed.txt', content: 'x' })
    const denied = await client.call('write_note', { name: 'other.txt', content: 'x' })
    const unlisted = await client.call('delete_note', { name: 'allowed.txt' })
    const secret = await client.call('read_note', { name: 'secret.txt' })
    const outcomes = [allowed, denied, unlisted, secret].map(({ failed, decision }) => [
      failed,
      decision?.['effect'],
    ])
    expect(outcomes).toEqual([
      [false, undefined],
      [true, 'deny'],
      [true, 'deny'],
      [true, 'deny'],
    ])
    expect(secret.decision).toMatchObject({ rules: ['rules.no-secrets'] })
    expect(secret.text).toContain('it is secret')
    expect(await lines(space, 'ran')).toEqual(['write_note'])
    expect([await space.has('allowed.txt'), await space.has('other.txt')]).toEqual([true, false])
  })

  it('reads the resources and prompts that are allowed, and only those', async () => {
    await using space = await notes(RULES)
    await using client = await anyClient(kind, server, space)
    const outcomes = [
      await client.read('note:///public/a'),
      await client.read('note:///private/b'),
      await client.read('note:///public/../private/b'),
      await client.prompt('greet'),
      await client.prompt('secret'),
    ]
    expect(outcomes.map(({ failed, code }) => [failed, code])).toEqual([
      [false, null],
      [true, -32010],
      [true, -32010],
      [false, null],
      [true, -32010],
    ])
  })

  it('given no rule for questions, asks the client nothing', async () => {
    await using space = await notes(RULES)
    await using client = await anyClient(kind, server, space)
    const outcomes = []
    for (const tool of ASK_TOOLS) outcomes.push(await client.call(tool))
    if (server !== 'modern') outcomes.push(await client.call('needs_url'))
    expect(client.asked).toEqual([])
    expect(outcomes.map(({ text }) => /example\.com|Ada|sampled|docs/.exec(text))).toEqual(
      outcomes.map(() => null),
    )
    const answers = (await lines(space, 'answers')).filter((line) => !line.startsWith('{"error":'))
    expect(answers).toEqual([])
  })

  it('given rules that allow questions, passes them and their answers', async () => {
    await using space = await notes([...RULES, { allow: { serverRequest: QUESTIONS } }])
    await using client = await anyClient(kind, server, space)
    for (const tool of ASK_TOOLS) expect(await client.call(tool)).toMatchObject({ failed: false })
    expect(client.asked).toEqual(QUESTIONS)
    expect((await lines(space, 'answers')).map((line): unknown => JSON.parse(line))).toEqual([
      { roots: [{ uri: 'file:///srv/docs', name: 'docs' }] },
      { model: 'm', role: 'assistant', content: { type: 'text', text: 'sampled' } },
      { action: 'accept', content: { name: 'Ada' } },
      { action: 'accept' },
    ])
    if (server !== 'modern') expect(await client.call('needs_url')).toMatchObject({ code: -32042 })
  })

  it('tells a client that listens of new tools, and shows those that could be allowed', async () => {
    await using space = await notes(RULES)
    await using client = await anyClient(kind, server, space)
    await client.listen()
    await client.call('grow')
    await client.changes.count(1)
    const tools = await client.tools()
    expect([tools.includes('read_more'), tools.includes('write_more')]).toEqual([true, false])
  })
})
