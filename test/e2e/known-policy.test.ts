import { describe, expect, it } from 'vitest'
import { connect } from './connect.ts'
import { rawClient } from './raw-client.ts'
import { workspace } from './workspace.ts'

const RULES = [
  { allow: { tool: ['read_*', 'write_file'] } },
  { name: 'frozen', deny: { tool: 'write_*' }, when: 'args.path.endsWith(".txt")' },
]

describe('a policy that was found sound at an earlier start', () => {
  it('decides at the second start as at the first [INV-2]', async () => {
    await using space = await workspace({ rules: RULES })
    for (const start of ['first', 'second', 'third']) {
      await using files = await connect('files', space)
      const denied = { path: space.path(`${start}.txt`), content: 'x' }
      expect((await files.callTool({ name: 'write_file', arguments: denied })).isError).toBe(true)
      expect(await space.has(`${start}.txt`)).toBe(false)
      const allowed = { path: space.path(`${start}.md`), content: 'x' }
      await files.callTool({ name: 'write_file', arguments: allowed })
      expect(await space.has(`${start}.md`)).toBe(true)
    }
  })

  it('given a client that writes all at once and closes, answers all at the second start as at the first', async () => {
    await using space = await workspace({ rules: RULES })
    const clientInfo = { name: 'burst', version: '1' }
    const call = (id: number, name: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'write_file', arguments: { path: space.path(name), content: 'x' } },
    })
    const burst = [
      {
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
      },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      call(1, 'burst.txt'),
      call(2, 'burst.md'),
    ]
    for (const start of ['first', 'second']) {
      await using client = rawClient(space.wrap('files'), space)
      await client.write(burst.map((message) => `${JSON.stringify(message)}\n`).join(''))
      const ended = client.end()
      expect([start, (await client.answer(1)).result?.['isError']]).toEqual([start, true])
      expect([start, (await client.answer(2)).result?.['isError'] ?? false]).toEqual([start, false])
      expect(await ended).toEqual({ code: 0, signal: null })
      expect([await space.has('burst.txt'), await space.has('burst.md')]).toEqual([false, true])
    }
  })
})
