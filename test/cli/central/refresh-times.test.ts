import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { CentralFeed } from '../../../src/cli/central/central-feed.ts'
import { openCentral } from '../../../src/cli/central/open-central.ts'
import { policySource } from '../../../src/cli/policy-source.ts'
import { fakeContext } from '../fake-context.ts'
import {
  makeKeys,
  pinOf,
  policyText,
  type Publisher,
  signed,
  startPublisher,
  trustFile,
} from './publisher.ts'

const NINE = new Date('2026-11-21T09:00:00Z')
const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })

let publisher: Publisher
beforeAll(async () => {
  publisher = await startPublisher()
  publisher.files.set('trust/1.jws', trust)
  publisher.files.set('acme.jws', signed(policyText({ more: 'refresh: 10m\n' }), keys))
})
afterAll(() => publisher[Symbol.asyncDispose]())

/** A shim on a laptop of its own, where it is nine o'clock; what it draws by lot comes out as this, from 0 up to 1. */
async function shim(lot: number): Promise<CentralFeed> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-nine-')))
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }))
  const env = { HOOPCTL_HOME: home, NODE_EXTRA_CA_CERTS: publisher.server.caFile }
  const { context } = fakeContext({ env, now: () => NINE })
  const source = policySource({ url: publisher.url, trust: pinOf(trust) })
  const central = openCentral(source, context)
  const { keeper, key, state } = central
  await keeper.refresh()
  if (keeper.kept === null) throw new Error('the publisher has a policy')
  const feed = new CentralFeed(keeper.kept, {
    keeper,
    key,
    moment: () => ({ wall: NINE, time: NINE }),
    random: () => lot,
    tell: () => undefined,
    onBell: (call) => state.onBell(call),
    ring: () => state.ring(),
  })
  onTestFinished(() => {
    feed.close()
    central.close()
  })
  return feed
}

// All of a company are started at nine o'clock, and lose the network in the same moment.
it.each([
  { given: 'saw the policy in one instant', away: false, asks: ['09:09:00', '09:10:00', '09:10:54'] },
  { given: 'lost its source in one instant', away: true, asks: ['09:00:54', '09:01:00', '09:01:05'] },
])('given shims that $given, each asks again at another', async ({ away, asks }) => {
  publisher.away = false
  const shims = await Promise.all([0, 0.5, 0.95].map(shim))
  publisher.away = away
  await Promise.all(shims.map((one) => one.refresh()))
  expect(shims.map((one) => one.current().refreshes?.toISOString().slice(11, 19))).toEqual(asks)
})
