import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { laptop, type Laptop } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const SERVER = 'servers:\n  docs: { run: { command: /bin/cat } }\n'
const HELP = 'A person can look for a newer one with: hoopctl policy refresh'

const LINES = [
  {
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  },
  { id: 2, method: 'tools/list', params: {} },
  { id: 3, method: 'tools/call', params: { name: 'read_file', arguments: {} } },
].map((message) => JSON.stringify({ jsonrpc: '2.0', ...message }))

let person: Laptop
let site: string
beforeEach(async () => {
  person = await laptop()
  site = join(person.home, 'site')
  await mkdir(join(site, 'trust'), { recursive: true })
  await writeFile(join(site, 'trust', '1.jws'), trust)
  await publish(signed(policyText({ more: SERVER }), keys))
  const added = await person.hoopctl(['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes'])
  expect(added).toMatchObject({ exitCode: 0 })
})
afterEach(() => person[Symbol.asyncDispose]())

const publish = (file: Buffer) => writeFile(join(site, 'acme.jws'), file)
const unplug = () => rename(site, `${site}.away`)
const forget = () => rm(join(person.home, 'state', 'policies'), { recursive: true })

interface Answer {
  readonly id: number
  readonly result: { readonly instructions?: string; readonly tools?: unknown; readonly isError?: boolean }
}

describe('`wrap` without a policy that counts', () => {
  it.each([
    {
      given: 'no copy and a source that is away',
      make: () => unplug().then(forget),
      says: /there is no policy to decide by/,
    },
    {
      given: 'a policy that has expired',
      make: async () => {
        person.clock = new Date('2026-12-11T00:00:00Z')
      },
      says: /the policy `acme` expired at 2026-12-10/,
    },
    {
      given: 'a source that was silent for `maxStale`',
      make: async () => {
        await unplug()
        person.clock = new Date('2026-11-23T00:00:00Z')
      },
      says: /the last contact with the source of the policy `acme`/,
    },
    {
      given: 'no copy, and one at the source that has expired',
      make: async () => {
        await forget()
        await publish(signed(policyText({ version: 8, expires: '2026-11-20T00:00:00Z' }), keys))
      },
      says: /it expired at 2026-11-20/,
    },
  ])('[INV-1] given $given, answers, denies, and says what to type', async ({ make, says }) => {
    await make()
    const { exitCode, stdout, stderr } = await person.client(['docs'], LINES)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line): Answer => JSON.parse(line))
    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3])
    const result = (id: number) => answers.find((answer) => answer.id === id)?.result
    expect(result(1)?.instructions).toMatch(says)
    expect(result(1)?.instructions).toContain(HELP)
    expect(result(2)?.tools).toEqual([])
    expect(result(3)?.isError).toBe(true)
    expect(JSON.stringify(result(3))).toContain(HELP)
    expect(stderr).toMatch(says)
    expect(exitCode).toBe(8)
  })

  it.each([
    {
      given: 'a copy that was altered',
      make: async () => {
        const kept = join(person.home, 'state', 'policies')
        const [one = ''] = await readdir(kept)
        await writeFile(join(kept, one, 'policy.jws'), '{}')
        await unplug()
      },
      code: 7,
      says: /the policy `acme` is refused/,
    },
    {
      given: 'no copy, and one at the source that too few have signed',
      make: async () => {
        await forget()
        await publish(signed(policyText(), makeKeys(1)))
      },
      code: 7,
      says: /0 of the 1 signatures/,
    },
    {
      given: 'no copy, and one at the source that is signed and invalid',
      make: async () => {
        await forget()
        await publish(signed(policyText({ version: 8, more: 'nosuch: 1\n' }), keys))
      },
      code: 3,
      says: /is signed, and invalid, line 7, column 1: unknown key `nosuch`/,
    },
  ])('given $given, ends at once with $code and one line', async ({ make, code, says }) => {
    await make()
    const { exitCode, stdout, stderr } = await person.client(['docs'], LINES)
    expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('`wrap` of a server that cannot be started', () => {
  const pinned = (sha256: string) =>
    `servers:\n  docs: { run: { command: /bin/cat, sha256: "${sha256}" } }\n  notes: { run: { command: /bin/cat } }\n`
  const wrong = signed(policyText({ version: 8, more: pinned('0'.repeat(64)) }), keys)
  const refresh = async () => {
    expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
  }
  const where = [
    { at: 'its copy', make: () => Promise.resolve() },
    { at: 'its copy, and a source that is away', make: unplug },
    { at: 'its source only', make: forget },
  ]

  it.each(where)('given another name than the policy at $at has, ends with 2', async ({ make }) => {
    await make()
    const { exitCode, stdout, stderr } = await person.client(['dcos'], LINES)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/there is no server `dcos` in this policy/)
  })

  it.each(where)('given another file than the policy at $at pins, ends with 7', async ({ make }) => {
    await publish(wrong)
    await refresh()
    await make()
    const { exitCode, stdout, stderr } = await person.client(['docs'], LINES)
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' })
    expect(stderr).toMatch(/\/bin\/cat/)
  })

  it('given a copy that pins another file, and a newer policy, goes by that', async () => {
    await publish(wrong)
    await refresh()
    await publish(signed(policyText({ version: 9, more: SERVER }), keys))
    const { exitCode, stderr } = await person.client(['docs'], LINES)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  })

  it('given a name that is not there, keeps the policy that it fetched all the same', async () => {
    await forget()
    expect((await person.client(['dcos'], LINES)).exitCode).toBe(2)
    await unplug()
    expect((await person.client(['docs'], LINES)).exitCode).toBe(0)
  })

  it('given a policy that no longer counts, has started nothing that goes on', async () => {
    await unplug()
    person.clock = new Date('2026-11-23T00:00:00Z')
    const running = new Set<object>()
    const child = {}
    const parts = { early: () => void running.add(child), undo: () => void running.delete(child) }
    const { policy } = await person.wrap({}, parts)
    if (policy.kind !== 'central') throw new Error(policy.kind)
    policy.close()
    expect({ early: policy.early, running: running.size }).toEqual({ early: false, running: 0 })
  })
})
