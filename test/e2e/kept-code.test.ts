import { readdirSync, statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { company } from './company.ts'
import { rawClient } from './raw-client.ts'
import { fixture, NODE } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

const clientInfo = { name: 'e2e', version: '1' }

/** Starts `wrap`, waits for the handshake's answer, and ends it. */
async function start(space: Workspace): Promise<void> {
  await using client = rawClient(space.wrap('notes'), space)
  await client.request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  await client.end()
}

/** The files of kept code, each with what changes when it is written anew. */
function keptIn({ home }: Workspace): Map<string, number> {
  const cache = join(home, 'cache', 'compile')
  return new Map(readdirSync(cache).map((name) => [name, statSync(join(cache, name)).ino]))
}

it('given a start under a signed policy, the next ones take the code that it kept', async () => {
  await using space = await workspace({})
  await rm(space.policyFile) // only the company's policy holds here
  await using acme = await company(space.root)
  await acme.publish(1, {
    identity: { issuer: 'https://login.acme.example', clientId: 'hoopctl' },
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), space.path()] } } },
    rules: [{ allow: { tool: '*' } }],
  })
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: acme.caFile })
  const added = await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  expect(added).toMatchObject({ exitCode: 0 })
  for (const _ of [1, 2]) await start(space) // the second knows the policy, and loads other parts
  const before = keptIn(space)
  expect([...before.keys()].join(' ')).toMatch(/carry-session.*load-for-wrap/)
  await start(space)
  expect(keptIn(space)).toEqual(before)
})
