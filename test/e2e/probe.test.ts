import { describe, expect, it } from 'vitest'
import { anyClient } from './any-client.ts'
import { untilGone } from './processes.ts'
import { rawSpace } from './raw-space.ts'
import { sessionLogs, verify } from './session-logs.ts'

describe('a client that tries a throw-away process first', () => {
  it('given that it calls a tool, both servers end, both logs verify, and one session is listed', async () => {
    await using raw = await rawSpace()
    {
      await using client = await anyClient('v2 auto', 'raw', raw.space)
      expect(await client.call('echo', { text: 'hi' })).toMatchObject({ failed: false })
    }
    const servers = await raw.server.processes.count(2)
    for (const { pid, ppid } of servers) {
      await untilGone(pid)
      await untilGone(ppid) // hoopctl itself
    }
    const verdicts = await verify(raw.space, await sessionLogs(raw.space))
    expect(verdicts.every(({ ok }) => ok)).toBe(true)
    const { stdout } = await raw.space.hoopctl('sessions', 'list', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ sessions: [{ server: 'raw', calls: 1, state: 'complete' }] })
  })

  it('given that it calls nothing, no session is listed', async () => {
    await using raw = await rawSpace()
    {
      await using client = await anyClient('v2 auto', 'raw', raw.space)
      expect(client.version).toBe('2025-11-25')
    }
    const { stdout } = await raw.space.hoopctl('sessions', 'list', '--json')
    expect(JSON.parse(stdout)).toEqual({ sessions: [] })
  })
})
