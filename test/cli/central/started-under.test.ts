import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { carrySession } from '../../../src/cli/carry-session.ts'
import { EarlyServer } from '../../../src/cli/early-server.ts'
import { eventually } from '../../eventually.ts'
import { call } from '../../shim/messages.ts'
import { fakeContext } from '../fake-context.ts'
import { type Laptop, laptop } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const NOTES = join(import.meta.dirname, '..', '..', 'fixtures', 'legacy-server.mjs')
const OPTIONS = {
  names: ['docs'],
  command: null,
  policy: undefined,
  server: undefined,
  grants: [],
  reason: undefined,
}
const IN_ANOTHER_WAY = 'the policy now runs this server in another way'

const publish = (person: Laptop, version: number, flags: readonly string[] = []) => {
  const run = { command: process.execPath, args: [NOTES, person.home, ...flags] }
  const more = `servers: ${JSON.stringify({ docs: { run } })}\n`
  const text = policyText({ version, expires: '2026-12-10T00:00:00Z', more })
  return writeFile(join(person.home, 'site', 'acme.jws'), signed(text, keys))
}

it.each([
  { given: 'runs it with other arguments', flags: ['2024-11-05'], denied: true },
  { given: 'runs it as before', flags: [], denied: false },
])(
  'given a newer policy that $given, taken up before the session opens, denies for that: $denied',
  async ({ flags, denied }) => {
    await using person = await laptop()
    await mkdir(join(person.home, 'site', 'trust'), { recursive: true })
    await writeFile(join(person.home, 'site', 'trust', '1.jws'), trust)
    await publish(person, 7)
    expect(
      await person.hoopctl(['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes']),
    ).toMatchObject({ exitCode: 0 })
    const { context, stdout } = fakeContext({
      env: { HOOPCTL_HOME: person.home },
      workingDirectory: person.home,
      now: () => person.clock,
    })
    const { policy: central } = await person.wrap()
    if (central.kind !== 'central') throw new Error(central.kind)
    const { policy, feed, state } = central
    const server = new EarlyServer(OPTIONS, context)
    await server.start(policy.servers)

    await publish(person, 8, flags)
    expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
    await eventually(() => expect(feed.current().policy.version).toBe(8))
    const close = () => central.close()
    const stdin = Readable.from([Buffer.from(`${call(1, 'read_file')}\n`)])
    await carrySession({ ...server.taken(), feed, options: OPTIONS, state, close }, { ...context, stdin })
    close()
    expect(stdout()).toContain('"id":1')
    expect(stdout().includes(IN_ANOTHER_WAY)).toBe(denied)
  },
)
