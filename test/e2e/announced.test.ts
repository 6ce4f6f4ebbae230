import { expect, it } from 'vitest'
import { eventually } from '../eventually.ts'
import { rawClient } from './raw-client.ts'
import { workspace } from './workspace.ts'

// A policy with a grant: what runs under it is told to other commands.
const policy = {
  grants: [
    {
      name: 'writing',
      server: 'files',
      who: 'everyone',
      activate: { mode: 'request', proof: 'terminal' },
      rules: [{ allow: { tool: 'write_file' } }],
    },
  ],
}

it.each([
  { client: 'that goes on after its handshake', goesOn: true },
  { client: 'that says nothing after its handshake', goesOn: false },
])('given a client $client, `hoopctl status` tells of its session', async ({ goesOn }) => {
  await using space = await workspace({ policy })
  const shims = async () => JSON.parse((await space.hoopctl('status', '--json')).stdout).shims
  await using client = rawClient(space.wrap('files'), space)
  const clientInfo = { name: 'e2e', version: '1' }
  await client.request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  if (goesOn) {
    await client.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    await client.request('tools/list', {})
    expect(await shims()).toEqual([expect.objectContaining({ server: 'files', pid: client.child.pid })])
  } else {
    await eventually(async () =>
      expect(await shims()).toEqual([expect.objectContaining({ server: 'files', pid: client.child.pid })]),
    )
  }
  await client.end()
  expect(await shims()).toEqual([])
})
