import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CentralFeed } from '../../../src/cli/central/central-feed.ts'
import type { WrapPolicy } from '../../../src/cli/policy-for.ts'
import { laptop, type Laptop } from './laptop.ts'
import {
  makeKeys,
  pinOf,
  policyText,
  type Publisher,
  signed,
  startPublisher,
  trustFile,
} from './publisher.ts'
import { eventually } from '../../eventually.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const HELP = 'A person can look for a newer one with: hoopctl policy refresh'

let publisher: Publisher
let person: Laptop
beforeAll(async () => {
  publisher = await startPublisher()
})
afterAll(() => publisher[Symbol.asyncDispose]())
beforeEach(async () => {
  publisher.away = false
  publisher.files.clear()
  publisher.files.set('trust/1.jws', trust)
  publish(7)
  person = await laptop({ NODE_EXTRA_CA_CERTS: publisher.server.caFile })
})
afterEach(() => person[Symbol.asyncDispose]())

function publish(version: number, more = ''): void {
  publisher.files.set('acme.jws', signed(policyText({ version, more }), keys))
}

const add = () => person.hoopctl(['policy', 'add', publisher.url, '--trust', pinOf(trust), '--yes'])

/** What `wrap` holds on to: the twin of every refusal. */
async function session(): Promise<{
  readonly feed: CentralFeed
  readonly told: string[]
  readonly close: () => void
}> {
  const { policy, told } = await person.wrap()
  if (policy.kind !== 'central') throw new Error(JSON.stringify(policy))
  return { feed: feedOf(policy), told, close: () => policy.close() }
}

function feedOf({ feed }: Extract<WrapPolicy, { kind: 'central' }>): CentralFeed {
  return feed as CentralFeed
}

// The clock that nobody sets goes on while a test runs.
function minute(date: Date | null): string {
  return date?.toISOString().slice(0, 16) ?? 'never'
}

async function copies(): Promise<string> {
  const [one = ''] = await readdir(join(person.home, 'state', 'policies'))
  return join(person.home, 'state', 'policies', one)
}

describe('a central policy without its source', () => {
  it('given a copy, starts with it and asks nobody', async () => {
    await add()
    publisher.answers.length = 0
    const { feed, told, close } = await session()
    expect(feed.current()).toMatchObject({
      policy: { name: 'acme', version: 7, signed: true },
      key: `trust:${pinOf(trust)}/acme`,
      blocked: null,
    })
    expect(minute(feed.current().ends)).toBe('2026-11-22T09:00')
    expect({ told, answers: publisher.answers }).toEqual({ told: [], answers: [] })
    expect(feed.current()).toBe(feed.current())
    close()
  })

  it('given a source that is silent for `maxStale`, denies all, and goes on when it is back', async () => {
    await add()
    publisher.away = true
    const { feed, close } = await session()
    const onChange = vi.fn<() => void>()
    feed.onChange(onChange)
    person.clock = new Date('2026-11-22T08:55:00Z')
    expect(feed.current().blocked).toBeNull()
    person.clock = new Date('2026-11-22T09:05:00Z')
    const { blocked } = feed.current()
    expect(blocked).toEqual({
      why: expect.stringMatching(
        /^the last contact with the source of the policy `acme` was at 2026-11-21T09:00.*: it may have changed$/,
      ),
      help: HELP,
    })
    await feed.refresh()
    expect(feed.current().blocked).toBe(blocked)
    publisher.away = false
    await feed.refresh()
    expect(feed.current().blocked).toBeNull()
    expect(onChange).toHaveBeenCalledOnce()
    close()
  })

  it('given an expired copy, starts all the same, blocked, and takes up a newer one', async () => {
    await add()
    publisher.away = true
    person.clock = new Date('2026-12-11T00:00:00Z')
    const early = vi.fn<() => void>()
    const { policy, told } = await person.wrap({}, { early })
    if (policy.kind !== 'central') throw new Error(policy.kind)
    expect(told).toEqual([expect.stringMatching(/answered 403/)])
    expect(early).not.toHaveBeenCalled()
    expect(policy.early).toBe(false)
    expect(policy.feed.current()).toMatchObject({ blocked: { help: HELP }, policy: { version: 7 } })
    publisher.away = false
    publisher.files.set('acme.jws', signed(policyText({ version: 8, expires: '2027-01-01T00:00:00Z' }), keys))
    await feedOf(policy).refresh()
    expect(policy.feed.current()).toMatchObject({ blocked: null, policy: { version: 8 } })
    policy.close()
  })

  it('given an expired copy and a source that has a newer one, starts with that', async () => {
    await add()
    person.clock = new Date('2026-12-11T00:00:00Z')
    publisher.files.set('acme.jws', signed(policyText({ version: 8, expires: '2027-01-01T00:00:00Z' }), keys))
    const early = vi.fn<() => void>()
    const { policy } = await person.wrap({}, { early })
    if (policy.kind !== 'central') throw new Error(policy.kind)
    expect({ version: policy.policy.version, early: policy.early }).toEqual({ version: 8, early: true })
    expect(early).toHaveBeenCalledOnce()
    policy.close()
  })

  it('given no copy and a source that is away, has nothing yet, and says what to type', async () => {
    await add()
    await rm(await copies(), { recursive: true })
    publisher.away = true
    const { policy } = await person.wrap()
    expect(policy).toEqual({
      kind: 'none-yet',
      why: expect.stringMatching(/^there is no policy to decide by: `localhost:\d+` answered 403/),
      help: HELP,
    })
    publisher.away = false
    const { feed, close } = await session()
    expect(feed.current().policy.version).toBe(7)
    close()
  })

  it('[ATK-CLOCK-BACK] given a clock that is set back, revives nothing until a person says that it is right', async () => {
    await add()
    person.clock = new Date('2026-12-10T00:00:00Z')
    const before = await session()
    expect(before.feed.current().blocked?.why).toMatch(/expired/)
    person.clock = new Date('2026-12-01T00:00:00Z')
    expect(before.feed.current().blocked?.why).toMatch(/set back/)
    before.close()
    const { feed, close } = await session()
    expect(feed.current().blocked?.why).toMatch(/set back/)
    close()
    const refused = await person.hoopctl(['policy', 'refresh'])
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('run this at a terminal') })
    expect(await person.hoopctl(['policy', 'refresh'], 'n\n')).toMatchObject({ exitCode: 2 })
    expect(await person.hoopctl(['policy', 'refresh'], 'y\n')).toMatchObject({ exitCode: 0 })
    const after = await session()
    expect(after.feed.current().blocked).toBeNull()
    after.close()
  })
})

describe('a newer policy', () => {
  it('given one at the source, takes it up between two messages and tells of it', async () => {
    await add()
    const { feed, close } = await session()
    const before = feed.current()
    const onChange = vi.fn<() => void>()
    feed.onChange(onChange)
    publish(8)
    expect(feed.current()).toBe(before)
    await feed.refresh()
    expect(feed.current().policy.version).toBe(8)
    expect(onChange).toHaveBeenCalledOnce()
    close()
  })

  it('given `policy refresh` elsewhere, takes it up without asking the source itself', async () => {
    await add()
    const { feed, close } = await session()
    const changed = new Promise<void>((resolve) => void feed.onChange(resolve))
    publish(8)
    const { stdout } = await person.hoopctl(['policy', 'refresh'])
    expect(stdout).toBe('acme, version 8, until 2026-12-10T00:00:00.000Z: taken up.\n')
    publisher.answers.length = 0
    await changed
    expect(feed.current().policy.version).toBe(8)
    expect(publisher.answers).toEqual([])
    close()
  })

  it('given nothing newer, asks with the etag and keeps the very policy', async () => {
    await add()
    const { feed, close } = await session()
    const { policy } = feed.current()
    person.clock = new Date('2026-11-21T10:00:00Z')
    publisher.answers.length = 0
    await feed.refresh()
    expect(publisher.answers).toEqual(['trust/2.jws 404', 'acme.jws 304'])
    expect(feed.current().policy).toBe(policy)
    expect(minute(feed.current().ends)).toBe('2026-11-22T10:00')
    close()
  })

  it('given `refresh`, looks again by itself when it is due', async () => {
    publish(7, 'refresh: 1s\n')
    await add()
    const { feed, close } = await session()
    const changed = new Promise<void>((resolve) => void feed.onChange(resolve))
    publish(8, 'refresh: 1s\n')
    await changed
    expect(feed.current().policy.version).toBe(8)
    close()
  })
})

describe('[ATK-POLICY-COPY] copies that somebody has changed', () => {
  it.each([
    { given: 'the policy', file: 'policy.jws', says: /is refused/ },
    {
      given: 'the trust document',
      file: 'trust/1.jws',
      says: /none of the trust documents that are kept|cannot be used/,
    },
  ])('given $given and no source, ends `wrap` with 7; with the source, mends it', async ({ file, says }) => {
    await add()
    const path = join(await copies(), file)
    const text = await readFile(path, 'utf8')
    await writeFile(
      path,
      text.replace(/"payload": "(.)/u, (_all, first) => `"payload": "${first === 'Y' ? 'Z' : 'Y'}`),
    )
    publisher.away = true
    await expect(person.wrap()).rejects.toMatchObject({
      code: 'POLICY_ALTERED',
      message: expect.stringMatching(says),
    })
    expect(await person.hoopctl(['policy', 'show'])).toMatchObject({ exitCode: 7 })
    publisher.away = false
    const { feed, close } = await session()
    expect(feed.current()).toMatchObject({ blocked: null, policy: { version: 7 } })
    close()
  })

  it('given an older one put back, refuses it: what was seen is kept elsewhere', async () => {
    await add()
    const path = join(await copies(), 'policy.jws')
    const old = await readFile(path)
    publish(8)
    await person.hoopctl(['policy', 'refresh'])
    await writeFile(path, old)
    publisher.away = true
    await expect(person.wrap()).rejects.toMatchObject({
      message: expect.stringMatching(/a later one was seen/),
    })
  })

  it('given one in a running session, keeps what was verified', async () => {
    await add()
    const { feed, told, close } = await session()
    await writeFile(join(await copies(), 'policy.jws'), '{}')
    publisher.away = true
    await person.hoopctl(['policy', 'refresh']) // rings
    await eventually(() => expect(told).toEqual([expect.stringMatching(/is refused/)]))
    expect(feed.current()).toMatchObject({ blocked: null, policy: { version: 7 } })
    close()
  })

  it('given a contact that is forged into the future, does not believe it', async () => {
    await add()
    const path = join(await copies(), 'contact.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('2026-11-21', '2026-12-05'))
    publisher.away = true
    const { feed, close } = await session()
    expect(feed.current().blocked?.why).toMatch(/is not known/)
    close()
  })
})
