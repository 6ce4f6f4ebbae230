import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Laptop, laptop } from './laptop.ts'
import {
  makeKeys,
  pinOf,
  policyText,
  type Publisher,
  signed,
  startPublisher,
  trustFile,
} from './publisher.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const SERVERS = 'servers: { docs: { run: { command: cat } } }\n'
const MANY = '  - allow: { tool: list_files }\n'.repeat(40)
/** Most of it is rules, so what stands beside them is read first. */
const long = (version: number, last = '') => policyText({ version, more: `${MANY}${last}${SERVERS}` })

let publisher: Publisher
let person: Laptop
beforeAll(async () => {
  publisher = await startPublisher()
  publisher.files.set('trust/1.jws', trust)
})
afterAll(() => publisher[Symbol.asyncDispose]())

// Each begins with version 7 in force.
beforeEach(async () => {
  publisher.away = false
  publisher.files.set('acme.jws', signed(long(7), keys))
  person = await laptop({ NODE_EXTRA_CA_CERTS: publisher.server.caFile })
  const added = await person.hoopctl(['policy', 'add', publisher.url, '--trust', pinOf(trust), '--yes'])
  expect(added).toMatchObject({ exitCode: 0 })
})
afterEach(() => person[Symbol.asyncDispose]())

/** Puts a policy in the place of what is kept. */
async function plant(text: string): Promise<void> {
  const kept = join(person.home, 'state', 'policies')
  const [one = ''] = await readdir(kept)
  await writeFile(join(kept, one, 'policy.jws'), signed(text, keys), { mode: 0o600 })
}

describe('[ATK-POLICY-COPY] a start that reads the head of a kept policy first', () => {
  it('given that nothing is known of what was seen, and that it is cut short, has marked what was there', async () => {
    for (const end of ['', '-wal', '-shm'])
      await rm(join(person.home, 'state', `state.db${end}`), { force: true })
    const isReading = Promise.withResolvers<void>()
    void person.wrap({}, { early: () => (isReading.resolve(), new Promise<never>(() => undefined)) })
    await isReading.promise
    await plant(long(3))
    publisher.away = true
    const { exitCode, stderr } = await person.hoopctl(['policy', 'show'])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 7,
      stderr: expect.stringMatching(/a later one was seen/),
    })
  })

  it('given rules that are no YAML, ends the server before it asks the source, and refuses with 7', async () => {
    await plant(long(8, '  - allow: { tool: \n'))
    publisher.away = true
    const asked = publisher.answers.length
    const seen: string[] = []
    const note = (what: string) => void seen.push(`${what}, ${publisher.answers.length - asked} asked`)
    const parts = { early: () => note('started'), undo: () => note('ended') }
    const failure: unknown = await person.wrap({}, parts).catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'POLICY_ALTERED', message: expect.stringMatching(/one way only/) })
    expect([...new Set(seen)]).toEqual(['started, 0 asked', 'ended, 0 asked'])
  })

  it('given that the time it saw cannot be written, gives no policy, and ends the server', async () => {
    person.clock = new Date('2026-11-21T09:30:00Z')
    publisher.away = true
    const other = new DatabaseSync(join(person.home, 'state', 'state.db'))
    other.exec('BEGIN IMMEDIATE')
    const running = new Set<string>()
    const parts = { early: () => void running.add('server'), undo: () => void running.delete('server') }
    const { policy } = await person.wrap({}, parts)
    other.close()
    expect([policy, running.size]).toEqual([
      expect.objectContaining({ kind: 'none-yet', why: expect.stringContaining('database is locked') }),
      0,
    ])
  })
})
