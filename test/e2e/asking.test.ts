import { describe, expect, it } from 'vitest'
import { rawClient } from './raw-client.ts'
import { type Workspace, workspace } from './workspace.ts'

const RULES = [{ allow: { tool: 'read_*' } }, { name: 'writes-ask', ask: { tool: 'write_file' } }]
const HANDSHAKE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw', version: '1' },
}

async function running(space: Workspace): Promise<number> {
  const { stdout } = await space.hoopctl('status', '--json')
  return (JSON.parse(stdout) as { shims: readonly unknown[] }).shims.length
}

describe('a policy that shares nothing with other processes but what it asks people', () => {
  it('given a handshake, answers before it is known to others; with the next message it is, and asks', async () => {
    await using space = await workspace({ rules: RULES })
    await using client = rawClient(space.wrap('files'), space)
    await client.request('initialize', HANDSHAKE)
    expect(await running(space)).toBe(0)
    await client.request('tools/list')
    expect(await running(space)).toBe(1)
    const args = { path: space.path('note.txt'), content: 'x' }
    await client.send({
      id: 9,
      jsonrpc: '2.0',
      method: 'tools/call',
      params: { name: 'write_file', arguments: args },
    })
    await client.stderr.find((line) => /waits for a person: hoopctl approve A-[0-9A-Z]{8}$/u.test(line))
    expect(await client.end()).toEqual({ code: 0, signal: null })
    expect(await running(space)).toBe(0)
    expect(await space.has('note.txt')).toBe(false)
  })

  it('given a client that writes all at once, asks as well', async () => {
    await using space = await workspace({ rules: RULES })
    await using client = rawClient(space.wrap('files'), space)
    const args = { path: space.path('note.txt'), content: 'x' }
    const burst = [
      { id: 1, method: 'initialize', params: HANDSHAKE },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: 'write_file', arguments: args } },
    ]
    await client.write(burst.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''))
    await client.stderr.find((line) => line.includes('waits for a person'))
    expect(await running(space)).toBe(1)
    await client.end()
    expect(await space.has('note.txt')).toBe(false)
  })
})
