import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { acme, type Office, openOffice } from '../signing-office.ts'
import { laptop, type Laptop } from './laptop.ts'
import { type Publisher, startPublisher } from './publisher.ts'

let office: Office
let publisher: Publisher
let pin = ''
let person: Laptop

// What the commands of an administrator make, served over https by a CA that nobody knows.
beforeAll(async () => {
  office = await openOffice()
  publisher = await startPublisher()
  await office.keys('ann', 'ben')
  const trusted = await office.policy([
    'trust',
    '--out',
    '1.jws',
    '--key',
    'ann.key',
    'ben.key',
    '--threshold',
    '2',
  ])
  pin = trusted.stdout.trim()
  await office.write('acme.yaml', acme())
  const keys = ['--key', 'ann.key', 'ben.key']
  await office.policy(['sign', 'acme.yaml', ...keys, '--trust', '1.jws', '--out', 'acme.jws'])
  publisher.files.set('trust/1.jws', await office.read('1.jws'))
  publisher.files.set('acme.jws', await office.read('acme.jws'))
})
afterAll(async () => {
  await office[Symbol.asyncDispose]()
  await publisher[Symbol.asyncDispose]()
})
beforeEach(async () => {
  person = await laptop({ NODE_EXTRA_CA_CERTS: publisher.server.caFile })
})
afterEach(() => person[Symbol.asyncDispose]())

const add = (more: readonly string[] = ['--yes'], typed?: string) =>
  person.hoopctl(['policy', 'add', publisher.url, '--trust', pin, ...more], typed)
const config = () => readFile(join(person.home, 'config', 'config.yaml'), 'utf8').catch(() => null)

describe('policy add', () => {
  it('given a yes, shows what it pins, and keeps that and the network', async () => {
    const { exitCode, stdout, stderr } = await add([], 'y\n')
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `The policy is now acme of ${publisher.url}.\n`,
    })
    for (const shown of [
      /policy {5}acme, version 7/,
      /expires {4}2026-12-20T00:00:00\.000Z/,
      /issuer {5}https:\/\/login\.acme\.example/,
      new RegExp(`trust {6}document 1, pinned ${pin}`),
      /policies need 2 of 2 keys:\n(?: {11}ed25519:\S{43} {2}signed this policy\n){2}/,
      /Sign in at https:\/\/login\.acme\.example with: hoopctl login\n$/,
    ]) {
      expect(stderr).toMatch(shown)
    }
    expect(await config()).toBe(
      [
        '# Written by `hoopctl policy add` and `hoopctl login`. You may edit it; they keep what they do not change, but no comments.',
        'policy:',
        `  url: "${publisher.url}"`,
        `  trust: "${pin}"`,
        'network:',
        `  caFile: "${publisher.server.caFile}"`,
        '  systemCas: true',
        '',
      ].join('\n'),
    )
    expect((await stat(join(person.home, 'config', 'config.yaml'))).mode & 0o777).toBe(0o600)
  })

  it('given the small environment that clients pass on, what it saved is enough', async () => {
    await add()
    await using other = await laptop()
    await writeFile(join(other.home, 'x'), '') // another home: nothing is shared but the file
    await mkdir(join(other.home, 'config'), { mode: 0o700 })
    await writeFile(join(other.home, 'config', 'config.yaml'), (await config()) ?? '', { mode: 0o600 })
    expect(await other.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
  })

  it.each([
    {
      given: 'another digest',
      args: () => ['--trust', '0'.repeat(64)],
      code: 7,
      says: /none of the trust documents/,
    },
    { given: 'what is no digest', args: () => ['--trust', 'abc'], code: 2, says: /wants the digest/ },
    { given: 'a role for https', args: () => ['--role', 'arn:x'], code: 2, says: /for s3:/ },
  ])('given $given, keeps nothing and exits with $code', async ({ args, code, says }) => {
    const { exitCode, stderr } = await add(['--yes', ...args()])
    expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: expect.stringMatching(says) })
    expect(await config()).toBeNull()
  })

  it('given a no, or nobody to ask, keeps nothing', async () => {
    expect(await add([], 'n\n')).toMatchObject({ exitCode: 2 })
    expect(await add([])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('add --yes') })
    expect(await config()).toBeNull()
  })

  it('given a source that has nothing there, exits with 8', async () => {
    const url = publisher.url.replace('/p/', '/q/')
    const { exitCode, stderr } = await person.hoopctl(['policy', 'add', url, '--trust', pin, '--yes'])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 8,
      stderr: expect.stringContaining('there is no `trust/1.jws`'),
    })
    expect(await config()).toBeNull()
  })

  it('given a CA that is not trusted, exits with 8 and the way out', async () => {
    await using other = await laptop()
    const { exitCode, stderr } = await other.hoopctl([
      'policy',
      'add',
      publisher.url,
      '--trust',
      pin,
      '--yes',
    ])
    expect({ exitCode, stderr }).toEqual({
      exitCode: 8,
      stderr: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })

  it('given a second one, says which it replaces', async () => {
    await add()
    await mkdir(join(person.home, 'site', 'trust'), { recursive: true })
    await writeFile(join(person.home, 'site', 'trust', '1.jws'), await office.read('1.jws'))
    await writeFile(join(person.home, 'site', 'acme.jws'), await office.read('acme.jws'))
    const other = ['policy', 'add', 'site/acme.jws', '--trust', pin]
    expect((await person.hoopctl(other, 'n\n')).stderr).toContain(`This replaces ${publisher.url}.`)
    expect(await config()).toContain(publisher.url)
    expect(await person.hoopctl(other, 'y\n')).toMatchObject({ exitCode: 0 })
    expect(await config()).toContain(`url: "file://${person.home}/site/acme.jws"`)
    expect(await config()).toContain(publisher.server.caFile)
  })

  it('given --json, prints what it took', async () => {
    const { stdout, stderr } = await add(['--yes', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'acme', version: 7, signed: true, blocked: null })
    expect(stderr).toBe('')
  })
})

describe('policy show', () => {
  it('given a signed one, tells who signed it and when it was confirmed; --yaml gives the very text', async () => {
    await add()
    const { stdout } = await person.hoopctl(['policy', 'show', '--json'])
    const shown = JSON.parse(stdout)
    expect(shown).toMatchObject({
      name: 'acme',
      version: 7,
      signed: true,
      expires: '2026-12-20T00:00:00.000Z',
      source: publisher.url,
      issuer: 'https://login.acme.example',
      clientId: 'hoopctl',
      managed: null,
      blocked: null,
      trust: { pinned: pin, number: 1, digest: pin, threshold: 2 },
    })
    expect(shown.signedBy).toEqual(shown.trust.signers)
    expect(shown.confirmed).toMatch(/^2026-11-21T09:0/)
    expect((await person.hoopctl(['policy', 'show', '--yaml'])).stdout).toBe(acme())
    expect((await person.hoopctl(['policy', 'show'])).stdout).toMatch(/^policy {5}acme, version 7\n/)
  })

  it('given a file, says that nobody signed it', async () => {
    await mkdir(join(person.home, 'config'), { mode: 0o700 })
    await writeFile(join(person.home, 'config', 'policy.yaml'), acme(), { mode: 0o600 })
    const { stdout } = await person.hoopctl(['policy', 'show', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ name: 'acme', version: 7, signed: false })
    expect((await person.hoopctl(['policy', 'show'])).stdout).toContain('unsigned')
    expect((await person.hoopctl(['policy', 'show', '--yaml'])).stdout).toBe(acme())
    expect(await person.hoopctl(['policy', 'refresh'])).toMatchObject({ exitCode: 2 })
  })

  it('given none, exits with 3 and the commands that help', async () => {
    const { exitCode, stderr } = await person.hoopctl(['policy', 'show'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('hoopctl policy init')
    expect(stderr).toContain('hoopctl policy add URL --trust DIGEST')
  })
})
