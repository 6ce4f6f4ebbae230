import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { laptop, type Laptop } from './laptop.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })
const SERVER = 'servers:\n  docs: { run: { command: /bin/true } }\n'

let person: Laptop
beforeEach(async () => {
  person = await laptop()
  await mkdir(join(person.home, 'site', 'trust'), { recursive: true })
  await writeFile(join(person.home, 'site', 'trust', '1.jws'), trust)
})
afterEach(() => person[Symbol.asyncDispose]())

async function add(more: string): Promise<void> {
  await writeFile(join(person.home, 'site', 'acme.jws'), signed(policyText({ more }), keys))
  const added = await person.hoopctl(['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes'])
  expect(added).toMatchObject({ exitCode: 0 })
}

describe('`wrap -- COMMAND` under a signed policy', () => {
  const command = ['/bin/true']

  it('given a policy that says nothing of it, is refused', async () => {
    await add(SERVER)
    await expect(person.wrap({ command })).rejects.toMatchObject({
      code: 'USAGE',
      message: 'the signed policy `acme` lets nobody wrap a command that it does not name',
      hint: 'run a server that it names: hoopctl wrap docs',
    })
    const { policy } = await person.wrap()
    if (policy.kind === 'central') policy.close()
    expect(policy.kind).toBe('central')
  })

  it('given `unlisted: allow`, is let through; no server starts early, and none lends it its rules', async () => {
    await add(`unlisted: allow\n${SERVER}`)
    const early = vi.fn<() => void>()
    const { policy } = await person.wrap({ command }, { early })
    if (policy.kind !== 'central') throw new Error(policy.kind)
    expect(policy.early).toBe(false)
    expect(early).not.toHaveBeenCalled()
    policy.close()
    await expect(person.wrap({ command, server: 'docs' })).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('which policy', () => {
  const mine = async () => {
    const path = join(person.home, 'config', 'policy.yaml')
    await mkdir(join(person.home, 'config'), { recursive: true, mode: 0o700 })
    await writeFile(path, 'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: mine }\nrules: []\n')
    return path
  }

  it('given one that was added, it goes before `policy.yaml`, and `--policy` before both', async () => {
    const path = await mine()
    expect((await person.wrap()).policy).toEqual({ kind: 'file', path })
    await add('')
    const { policy } = await person.wrap()
    if (policy.kind !== 'central') throw new Error(policy.kind)
    expect(policy.policy.name).toBe('acme')
    policy.close()
    expect((await person.wrap({ policy: path })).policy).toEqual({ kind: 'file', path })
  })

  it('[ATK-LOCK] given a lock, it goes before all; `--policy` and `policy add` are refused', async () => {
    await add('')
    const path = await mine()
    const url = `file://${person.home}/site/acme.jws`
    const source = { url, trust: pinOf(trust), region: null, role: null, endpoint: null }
    person.lock = {
      path: '/etc/hoopctl/managed.yaml',
      policy: source,
      issuer: null,
      clientId: null,
      home: `${person.home}/managed`,
    }
    const refusal = {
      code: 'MANAGED_LOCK',
      message: '`--policy` cannot be used here: `/etc/hoopctl/managed.yaml` fixes the policy',
    }
    await expect(person.wrap({ policy: path })).rejects.toMatchObject(refusal)
    expect(await person.hoopctl(['policy', 'add', url, '--trust', pinOf(trust), '--yes'])).toMatchObject({
      exitCode: 3,
    })
    const { policy } = await person.wrap()
    if (policy.kind !== 'central') throw new Error(policy.kind)
    policy.close()
    const shown = await person.hoopctl(['policy', 'show', '--json'])
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'acme', managed: '/etc/hoopctl/managed.yaml' })
    person.lock = { ...person.lock, issuer: 'https://other.example' }
    await expect(person.wrap()).rejects.toMatchObject({ message: expect.stringContaining('another issuer') })
    person.lock = { ...person.lock, issuer: 'https://login.acme.example' }
    const again = await person.wrap()
    if (again.policy.kind === 'central') again.policy.close()
    expect(again.policy.kind).toBe('central')
  })
})
