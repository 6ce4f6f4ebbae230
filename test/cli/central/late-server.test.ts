import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { eventually } from '../../eventually.ts'
import { call, notice, request } from '../../shim/messages.ts'
import { laptop, type Laptop, type Talk } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

// A client that was started before there was a policy, and what it hears where the server then fails.

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const PARAMS = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 't', version: '1' },
}

let person: Laptop
beforeEach(async () => {
  // The next look by the clock is hours away: what is heard here is heard because somebody told.
  vi.spyOn(Math, 'random').mockReturnValue(1e4)
  person = await laptop()
  await mkdir(join(person.home, 'site', 'trust'), { recursive: true })
  await writeFile(join(person.home, 'site', 'trust', '1.jws'), trust)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await person[Symbol.asyncDispose]()
})

const publish = (code: string, version: number, expires: string) => {
  const run = { command: process.execPath, args: ['-e', code] }
  const more = `servers: ${JSON.stringify({ docs: { run } })}\n`
  const text = policyText({ version, expires, more })
  return writeFile(join(person.home, 'site', 'acme.jws'), signed(text, keys))
}

/** A client that the stand-in greeted, and whose server, this code, is starting now. */
async function takenOver(code: string): Promise<Talk> {
  await publish(code, 7, '2026-12-10T00:00:00Z')
  const added = await person.hoopctl(['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes'])
  expect(added).toMatchObject({ exitCode: 0 })
  person.clock = new Date('2026-12-11T00:00:00Z')
  const client = person.talk(['docs'])
  client.say(request(1, 'initialize', PARAMS), notice('notifications/initialized'))
  await eventually(() => expect(client.heard()).toContain('"id":1'))
  await publish(code, 8, '2026-12-20T00:00:00Z')
  expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
  await eventually(() => expect(client.stderr()).toContain('the session begins'))
  return client
}

it('given a server that never answers, a client that asks once and closes is answered, and both end', async () => {
  const client = await takenOver('process.stdin.resume()')
  client.say(call(2, 'read_file'))
  expect(await client.end()).toBe(0)
  expect(client.heard()).toContain('the handshake with the server failed: its client closed')
})

it.each([
  { asks: 'meanwhile', waitsFor: 'the session begins' },
  { asks: 'only then', waitsFor: 'the server `docs` ended (exit code 3)' },
])('given a server that ends at the handshake, a client that asks $asks hears why', async ({ waitsFor }) => {
  const client = await takenOver("process.stdin.once('data', () => process.exit(3))")
  await eventually(() => expect(client.stderr()).toContain(waitsFor))
  client.say(call(2, 'read_file'), request(3, 'tools/list', {}))
  await eventually(() => expect(client.heard()).toContain('"id":3'))
  const answers = client.heard().split('\n').slice(1, -1)
  expect(answers.map((line) => JSON.parse(line).id)).toEqual([2, 3])
  for (const line of answers) expect(line).toContain('the server `docs` ended (exit code 3)')
  expect(await client.end()).toBe(3)
})
