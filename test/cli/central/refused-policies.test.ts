import type { KeyObject } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

const keys = makeKeys(4)
const [ann, ben, cleo, mallory] = keys as [KeyObject, KeyObject, KeyObject, KeyObject]
const both = [ann, ben]
const first = trustFile({ number: 1, signers: [ann, ben, cleo], threshold: 2 })

let publisher: Publisher
let person: Laptop
beforeAll(async () => {
  publisher = await startPublisher()
})
afterAll(() => publisher[Symbol.asyncDispose]())

// Each begins with version 7 in force.
beforeEach(async () => {
  publisher.files.clear()
  publisher.files.set('trust/1.jws', first)
  publisher.files.set('acme.jws', signed(policyText(), both))
  person = await laptop({ NODE_EXTRA_CA_CERTS: publisher.server.caFile })
  const added = await person.hoopctl(['policy', 'add', publisher.url, '--trust', pinOf(first), '--yes'])
  expect(added).toMatchObject({ exitCode: 0 })
})
afterEach(() => person[Symbol.asyncDispose]())

/** A JWS whose parts are changed after it was signed. */
function changed(text: string, change: (jws: { payload: string; signatures: Signature[] }) => void): Buffer {
  const jws = JSON.parse(signed(text, both).toString())
  change(jws)
  return Buffer.from(JSON.stringify(jws))
}

interface Signature {
  protected: string
  signature: string
}

function header(values: object): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url')
}

const newer = policyText({ version: 8 })
const typ = 'hoopctl-policy+yaml'
const twoVersions = [
  '{ apiVersion: hoopctl/v1, kind: Policy,',
  `rules: [ { allow: { tool: read_file }, reason: "${'\n  much is to be said for it'.repeat(30)}`,
  newer.split('\n').slice(2, 4).join(', ').replaceAll('"', ''),
  `} # " } ], ${newer.split('\n').slice(2, 4).join(', ').replace('version: 8', 'version: 9')} }`,
].join('\n')

const REFUSED: { given: string; file: () => Buffer; says: RegExp; code?: number }[] = [
  {
    given: 'a lower version',
    file: () => signed(policyText({ version: 6 }), both),
    says: /version 6, and a later/,
  },
  {
    given: 'one that has expired',
    file: () => signed(policyText({ version: 8, expires: '2026-11-20T00:00:00Z' }), both),
    says: /it expired at 2026-11-20/,
  },
  {
    given: 'one of another name',
    file: () => signed(policyText({ version: 8, name: 'other' }), both),
    says: /`other`/,
  },
  { given: 'one signature of two', file: () => signed(newer, [ann]), says: /1 of the 2 signatures/ },
  { given: 'one who signed twice', file: () => signed(newer, [ann, ann]), says: /1 of the 2 signatures/ },
  {
    given: 'a stranger’s signature',
    file: () => signed(newer, [ann, mallory]),
    says: /1 of the 2 signatures/,
  },
  {
    given: 'a text that was altered',
    file: () =>
      changed(newer, (jws) => {
        jws.payload = Buffer.from(newer.replace('read_file', 'x')).toString('base64url')
      }),
    says: /it was altered/,
  },
  {
    given: '`alg: none`',
    file: () =>
      changed(
        newer,
        ({ signatures: [one] }) => one && Object.assign(one, { protected: header({ alg: 'none', typ }) }),
      ),
    says: /only Ed25519 counts/,
  },
  {
    given: 'an algorithm that is not known',
    file: () =>
      changed(
        newer,
        ({ signatures: [one] }) => one && Object.assign(one, { protected: header({ alg: 'HS256', typ }) }),
      ),
    says: /only Ed25519 counts/,
  },
  {
    given: 'a `crit` header',
    file: () =>
      changed(
        newer,
        ({ signatures: [one] }) =>
          one && Object.assign(one, { protected: header({ alg: 'EdDSA', typ, crit: ['x'] }) }),
      ),
    says: /`crit` is not known/,
  },
  { given: 'a trust document in its place', file: () => first, says: /made for `hoopctl-trust\+yaml`/ },
  {
    given: 'a version above 2^31',
    file: () => signed(policyText({ version: 2 ** 31 + 1 }), both),
    says: /whole number/,
  },
  {
    given: 'the same version with other contents',
    file: () => signed(policyText({ more: '# other\n' }), both),
    says: /version 7 was seen here with other/,
  },
  {
    given: 'a YAML that two readers read differently',
    file: () => signed(`${newer}rules: []\n`, both),
    says: /can be read in one way only/,
  },
  {
    given: 'a YAML of which the part beside the rules says another version than all of it',
    file: () => signed(twoVersions, both),
    says: /`metadata` can be read in more than one way/,
  },
  {
    given: 'a YAML of two documents',
    file: () => signed(`${newer}---\n${newer}`, both),
    says: /one way only/,
  },
  {
    given: 'no section `identity`',
    file: () => signed(newer.replace(/identity:.*\n/u, ''), both),
    says: /no section `identity`/,
  },
  { given: 'what is no JWS', file: () => Buffer.from('<html>'), says: /refused/ },
  {
    given: 'a rule that is invalid',
    file: () => signed(`${newer}  - alow: { tool: x }\n`, both),
    says: /line 7, column 5: unknown key `alow`/,
    code: 3,
  },
]

describe('[ATK-POLICY-SOURCE] a central policy that is not to be taken', () => {
  it.each(REFUSED)(
    'given $given, refuses it and keeps the last good one',
    async ({ file, says, code = 7 }) => {
      publisher.files.set('acme.jws', file())
      const { exitCode, stderr } = await person.hoopctl(['policy', 'refresh'])
      expect(exitCode).toBe(code)
      expect(stderr).toMatch(says)
      expect(stderr).toContain('Version 7 of acme stays in force')
      expect(await versionShown()).toBe(7)
      // The twin: a good one passes.
      publisher.files.set('acme.jws', signed(policyText({ version: 9 }), both))
      expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
      expect(await versionShown()).toBe(9)
    },
  )

  it('given in the place of what is kept one that says two versions, refuses it, and fetches a good one', async () => {
    const kept = join(person.home, 'state', 'policies')
    const [one = ''] = await readdir(kept)
    await writeFile(join(kept, one, 'policy.jws'), signed(twoVersions, both), { mode: 0o600 })
    publisher.away = true
    const { exitCode, stderr } = await person.hoopctl(['policy', 'show'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: expect.stringMatching(/more than one way/) })
    publisher.away = false
    expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
    expect(await versionShown()).toBe(7)
  })

  it('given it in a running session, tells once, goes on, and denies everything after the end', async () => {
    const { policy, told } = await person.wrap()
    if (policy.kind !== 'central') throw new Error(policy.kind)
    publisher.files.set('acme.jws', signed(newer, [ann]))
    const feed = policy.feed as typeof policy.feed & { refresh(): Promise<void> }
    await feed.refresh()
    await feed.refresh()
    expect(told).toEqual([expect.stringMatching(/was not refreshed: .*1 of the 2 signatures/)])
    expect(policy.feed.current()).toMatchObject({ policy: { version: 7 }, blocked: null })
    person.clock = new Date('2026-12-10T00:00:00Z')
    expect(policy.feed.current().blocked).toEqual({
      why: 'the policy `acme` expired at 2026-12-10T00:00:00.000Z',
      help: 'A person can look for a newer one with: hoopctl policy refresh',
    })
    policy.close()
  })
})

describe('[ATK-POLICY-SOURCE] trust documents', () => {
  const refresh = () => person.hoopctl(['policy', 'refresh'])

  it('given the next one, takes it, and what its keys sign', async () => {
    publisher.files.set('trust/2.jws', trustFile({ number: 2, signers: [mallory], by: [ann, ben, mallory] }))
    publisher.files.set('acme.jws', signed(newer, [mallory]))
    expect(await refresh()).toMatchObject({ exitCode: 0 })
    publisher.files.set('acme.jws', signed(policyText({ version: 9 }), both))
    expect((await refresh()).stderr).toMatch(/0 of the 1 signatures/)
    expect(await versionShown()).toBe(8)
  })

  it.each([
    {
      given: 'one that the keys before it have not signed',
      by: [ann, mallory],
      number: 2,
      says: /keys of the one before/,
    },
    { given: 'one that its own keys have not signed', by: [ann, ben], number: 2, says: /its own keys/ },
    { given: 'one that skips a number', by: [ann, ben, mallory], number: 3, says: /does not follow on 1/ },
  ])('given $given, refuses it, exit 7', async ({ by, number, says }) => {
    publisher.files.set('trust/2.jws', trustFile({ number, signers: [mallory], by }))
    publisher.files.set('acme.jws', signed(newer, [mallory]))
    const { exitCode, stderr } = await refresh()
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: expect.stringMatching(says) })
    expect(await versionShown()).toBe(7)
  })

  it('given a newer one and a policy that is not signed anew yet, keeps that, also over a restart', async () => {
    publisher.files.set('trust/2.jws', trustFile({ number: 2, signers: [mallory], by: [ann, ben, mallory] }))
    expect((await refresh()).stderr).toMatch(/0 of the 1 signatures/)
    publisher.away = true
    expect(await versionShown()).toBe(7)
    publisher.away = false
    publisher.files.set('acme.jws', signed(policyText(), [mallory]))
    expect(await refresh()).toMatchObject({ exitCode: 0 })
    expect(await versionShown()).toBe(7)
  })

  it('given a chain that is shorter than what was seen, refuses it, here and at the source', async () => {
    const second = trustFile({ number: 2, signers: [ann, ben], by: [ann, ben], threshold: 2 })
    publisher.files.set('trust/2.jws', second)
    expect(await refresh()).toMatchObject({ exitCode: 0 })
    publisher.files.delete('trust/2.jws')
    const kept = join(person.home, 'state', 'policies')
    const [one = ''] = await readdir(kept)
    await rm(join(kept, one, 'trust', '2.jws'))
    expect((await refresh()).stderr).toMatch(/ends with trust document 1, and 2 was seen: it goes back/)
    publisher.files.set(
      'trust/2.jws',
      trustFile({ number: 2, signers: [ann, ben, mallory], by: [ann, ben, mallory] }),
    )
    expect((await refresh()).stderr).toMatch(/trust document 2 was seen with other contents/)
    publisher.files.set('trust/2.jws', second)
    expect(await refresh()).toMatchObject({ exitCode: 0 })
  })

  it('given a version that was too high, goes back where a trust document says so, and only then', async () => {
    publisher.files.set('acme.jws', signed(policyText({ version: 2 ** 31 }), both))
    expect(await refresh()).toMatchObject({ exitCode: 0 })
    publisher.files.set('acme.jws', signed(newer, both))
    expect((await refresh()).stderr).toMatch(/a later one was seen/)
    const back = trustFile({ number: 2, signers: [ann, ben, cleo], threshold: 2, minVersion: 8 })
    publisher.files.set('trust/2.jws', back)
    expect(await refresh()).toMatchObject({ exitCode: 0 })
    expect(await versionShown()).toBe(8)
    publisher.files.set('acme.jws', signed(policyText(), both))
    expect((await refresh()).stderr).toMatch(/nothing below 8/)
  })
})

async function versionShown(): Promise<unknown> {
  const { stdout, stderr } = await person.hoopctl(['policy', 'show', '--json'])
  return stdout === '' ? stderr : JSON.parse(stdout).version
}
