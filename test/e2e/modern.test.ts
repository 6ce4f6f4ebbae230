import { describe, expect, it } from 'vitest'
import { type RawClient, rawClient } from './raw-client.ts'
import { fixture, NODE } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} }, sampling: {}, roots: {} },
}
const RULES = [
  { allow: { tool: ['read_*', 'ask_roots', 'grow'] } },
  { allow: { tool: 'ask_form' }, when: '!has(args.again)' },
  { allow: { resource: 'note:///public/**' } },
]
const FORM = { allow: { serverRequest: 'elicitation.form' } }

function notes(rules: readonly unknown[]): Promise<Workspace> {
  const run = (directory: string) => ({ command: NODE, args: [fixture('modern-server.mjs'), directory] })
  return workspace({ rules, servers: (directory) => ({ notes: { run: run(directory) } }) })
}

function call(client: RawClient, name: string, more: Record<string, unknown> = {}) {
  return client.request('tools/call', { _meta: META, name, arguments: {}, ...more })
}

describe('2026-07-28, byte for byte', () => {
  it('given no handshake, answers server/discover and hides what nothing could allow', async () => {
    await using space = await notes(RULES)
    await using client = rawClient(space.wrap('notes'), space)
    const { result } = await client.request('server/discover', { _meta: META })
    expect(result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true }, resources: { listChanged: true } },
      cacheScope: 'private',
    })
    expect(result?.['capabilities']).not.toHaveProperty('prompts') // no rule could allow one
  })

  it('given a list that the server calls public, makes it private', async () => {
    await using space = await notes(RULES)
    await using client = rawClient(space.wrap('notes'), space)
    const { result } = await client.request('tools/list', { _meta: META })
    expect(result).toMatchObject({ resultType: 'complete', cacheScope: 'private', ttlMs: 60_000 })
  })

  it('given a denied call, the refusal is a complete result', async () => {
    await using space = await notes(RULES)
    await using client = rawClient(space.wrap('notes'), space)
    const { result } = await call(client, 'delete_note')
    expect(result).toMatchObject({ resultType: 'complete', isError: true })
    expect(await space.has('ran')).toBe(false)
  })

  it('given a question that a rule allows, passes it; its retry is decided again', async () => {
    await using space = await notes([...RULES, FORM])
    await using client = rawClient(space.wrap('notes'), space)
    const asked = await call(client, 'ask_form')
    expect(asked.result).toMatchObject({ resultType: 'input_required', requestState: 'opaque' })
    const answers = {
      inputResponses: { asked: { action: 'accept', content: { name: 'Ada' } } },
      requestState: 'opaque',
    }
    const denied = await call(client, 'ask_form', { ...answers, arguments: { again: true } })
    expect(denied.result).toMatchObject({ resultType: 'complete', isError: true })
    expect(await space.has('answers')).toBe(false)
    const allowed = await call(client, 'ask_form', answers)
    expect(allowed.result).toMatchObject({ resultType: 'complete' })
    expect(JSON.parse(await space.read('answers'))).toEqual({ action: 'accept', content: { name: 'Ada' } })
  })

  it('given a question that no rule allows, the result is an error that says which', async () => {
    await using space = await notes([...RULES, FORM])
    await using client = rawClient(space.wrap('notes'), space)
    const { error, result } = await call(client, 'ask_roots')
    expect(JSON.stringify(error ?? result)).toMatch(/roots/)
    expect(JSON.stringify(error ?? result)).not.toMatch(/inputRequests|opaque/)
  })

  it('given a stream that listens, tells of changes there, and only of what it asked for', async () => {
    await using space = await notes(RULES)
    await using client = rawClient(space.wrap('notes'), space)
    const notifications = {
      toolsListChanged: true,
      resourceSubscriptions: ['note:///public/a', 'note:///private/b'],
    }
    await client.send({
      jsonrpc: '2.0',
      id: 's',
      method: 'subscriptions/listen',
      params: { _meta: META, notifications },
    })
    const acknowledged = await client.lines.find((line) => line.includes('subscriptions/acknowledged'))
    expect(acknowledged).not.toContain('private')
    await call(client, 'grow')
    await client.lines.find(
      (line) => line.includes('notifications/tools/list_changed') && line.includes('"s"'),
    )
  })
})
