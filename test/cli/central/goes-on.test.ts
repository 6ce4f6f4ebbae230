import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ring } from '../../../src/state/bell.ts'
import { eventually } from '../../eventually.ts'
import { call, notice, request } from '../../shim/messages.ts'
import { laptop, type Laptop, type Talk } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const NOTES = join(import.meta.dirname, '..', '..', 'fixtures', 'legacy-server.mjs')
const CHANGED = 'notifications/tools/list_changed'
const HELLO = [
  request(1, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 't', version: '1' },
  }),
  notice('notifications/initialized'),
  call(2, 'read_file'),
]

const starts = () => join(person.home, 'starts')
/** Notes that it was started. */
const noted = (version: number) => ({
  command: '/bin/sh',
  args: ['-c', `echo ${version} >> ${starts()}; exec ${process.execPath} ${NOTES} ${person.home}`],
})
const notes = () => ({ command: process.execPath, args: [NOTES, person.home] })

let person: Laptop
let site: string
beforeEach(async () => {
  // The next look by the clock is hours away: what is heard here is heard because somebody told.
  vi.spyOn(Math, 'random').mockReturnValue(1e4)
  person = await laptop()
  site = join(person.home, 'site')
  await mkdir(join(site, 'trust'), { recursive: true })
  await writeFile(join(site, 'trust', '1.jws'), trust)
  await publish(7)
  const added = await person.hoopctl(['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes'])
  expect(added).toMatchObject({ exitCode: 0 })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await person[Symbol.asyncDispose]()
})

interface Published {
  readonly name?: string
  readonly expires?: string
  readonly run?: { readonly command: string; readonly args: readonly string[] }
}

const publish = (
  version: number,
  { name = 'docs', expires = '2026-12-10T00:00:00Z', run = notes() }: Published = {},
) => {
  const more = `servers: ${JSON.stringify({ [name]: { run } })}\n`
  return writeFile(join(site, 'acme.jws'), signed(policyText({ version, expires, more }), keys))
}
const copies = async () => {
  const all = join(person.home, 'state', 'policies')
  return join(all, (await readdir(all))[0] ?? '')
}
/** Has it hear that another process changed the copies, until it says this. */
const looksAndSays = async (client: Talk, words: string) => {
  const file = join(await copies(), 'policy.jws')
  let times = 0
  await eventually(async () => {
    times += 1 // more than once: it may not listen yet
    await utimes(file, times, times)
    ring(join(person.home, 'run'))
    expect(client.stderr()).toContain(words)
  })
}
const unplug = () => rename(site, `${site}.away`)
const plug = () => rename(`${site}.away`, site)
const forget = () => rm(join(person.home, 'state', 'policies'), { recursive: true })
const refresh = async () => {
  expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
}

it.each([
  {
    given: 'a policy that has expired, and then a newer one',
    before: async () => {
      person.clock = new Date('2026-12-11T00:00:00Z')
    },
    says: 'the policy `acme` expired',
    mend: async () => {
      await publish(8, { expires: '2026-12-20T00:00:00Z' })
      await refresh()
    },
  },
  {
    given: 'a source that was silent for too long, and then answers',
    before: async () => {
      await unplug()
      person.clock = new Date('2026-11-23T00:00:00Z')
    },
    says: 'the last contact with the source',
    mend: async () => {
      await plug()
      await refresh()
    },
  },
  {
    given: 'no copy, and then one that another process has fetched',
    before: async () => {
      await unplug()
      await forget()
    },
    says: 'there is no policy to decide by',
    mend: async () => {
      await plug()
      await refresh()
      await unplug() // only the copy is left
    },
  },
])('given $given, the session begins in the client that runs', async ({ before, says, mend }) => {
  await before()
  const client = person.talk(['docs'])
  client.say(...HELLO)
  await eventually(() => expect(client.heard()).toContain('"id":2'))
  expect(client.heard()).toContain(says)
  expect(client.heard()).not.toContain(CHANGED)
  await mend()
  await eventually(() => expect(client.heard()).toContain(CHANGED))
  expect(client.stderr()).toContain('there is a policy now, and the session begins')
  client.say(call(3, 'read_file'))
  await eventually(() => expect(client.heard()).toContain('"id":3'))
  expect(
    client
      .heard()
      .split('\n')
      .find((line) => line.includes('"id":3')),
  ).toContain('hoopctl login')
  expect(await client.end()).toBe(0)
})

it('given a policy that does not name the server, goes on standing in, says so, and takes the next one', async () => {
  person.clock = new Date('2026-12-11T00:00:00Z')
  const client = person.talk(['docs'])
  client.say(...HELLO)
  await eventually(() => expect(client.heard()).toContain('"id":2'))
  await publish(8, { name: 'others', expires: '2026-12-20T00:00:00Z' })
  await refresh()
  await eventually(() => expect(client.stderr()).toContain('there is no server `docs` in this policy'))
  client.say(call(3, 'read_file'))
  await eventually(() => expect(client.heard()).toContain('"id":3'))
  expect(client.heard()).toContain('there is no server `docs` in this policy')
  await publish(9, { expires: '2026-12-20T00:00:00Z' })
  await refresh()
  await eventually(() => expect(client.heard()).toContain(CHANGED))
  expect(await client.end()).toBe(0)
})

it('given a client that says nothing until there is a policy, leaves the handshake to it', async () => {
  person.clock = new Date('2026-12-11T00:00:00Z')
  const client = person.talk(['docs'])
  await eventually(() => expect(client.stderr()).toContain('expired'))
  await publish(8, { expires: '2026-12-20T00:00:00Z' })
  await refresh()
  await eventually(() => expect(client.stderr()).toContain('the session begins'))
  client.say(...HELLO)
  await eventually(() => expect(client.heard()).toContain('"serverInfo":{"name":"legacy"'))
  expect(await client.end()).toBe(0)
})

it('given a policy that does not count, starts nothing when it looks again', async () => {
  await publish(8, { run: noted(8) })
  await refresh()
  await unplug()
  person.clock = new Date('2026-11-23T00:00:00Z')
  const client = person.talk(['docs'])
  await eventually(() => expect(client.stderr()).toContain('the last contact with the source'))
  await rm(starts(), { force: true }) // its first start does not wait to see whether it counts
  person.clock = new Date('2026-11-22T00:00:00Z')
  await looksAndSays(client, 'was set back')
  expect(existsSync(starts())).toBe(false)
  expect(await client.end()).toBe(8)
})

it('given a copy that cannot be looked at, goes on standing in, and takes the policy once it can be', async () => {
  await unplug()
  person.clock = new Date('2026-11-23T00:00:00Z')
  const client = person.talk(['docs'])
  client.say(...HELLO)
  await eventually(() => expect(client.heard()).toContain('"id":2'))
  const contact = join(await copies(), 'contact.json')
  await rm(contact)
  await symlink('contact.json', contact)
  await looksAndSays(client, 'is not known')
  await rm(contact)
  await plug()
  await refresh()
  await eventually(() => expect(client.heard()).toContain(CHANGED))
  expect(await client.end()).toBe(0)
})

it('given a client in a line that is too long, starts no server before its end, and then that of the policy of then', async () => {
  person.clock = new Date('2026-12-11T00:00:00Z')
  const client = person.talk(['docs'])
  client.say(...HELLO)
  await eventually(() => expect(client.heard()).toContain('"id":2'))
  client.send(call(3, 'read_file', { text: 'x'.repeat(65 * 1024 * 1024) }).slice(0, -10))
  for (const version of [8, 9]) {
    await publish(version, { expires: '2026-12-20T00:00:00Z', run: noted(version) })
    await refresh()
  }
  client.say('"}}}')
  await eventually(() => expect(client.heard()).toContain(CHANGED))
  expect(await readFile(starts(), 'utf8')).toBe('9\n')
  expect(await client.end()).toBe(0)
})
