import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { updateConfig } from '../../src/cli/change-config.ts'
import { readConfig } from '../../src/cli/config-file.ts'
import type { Context } from '../../src/cli/context.ts'
import type { ManagedLock } from '../../src/cli/managed-lock.ts'
import { providerOf } from '../../src/cli/sign-in-at.ts'
import { fakeContext } from './fake-context.ts'

const LOGIN = 'https://login.acme.example'
const NOTHING = { issuer: undefined, clientId: undefined }

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hoopctl-sign-in-at-'))
})
afterEach(() => rm(home, { recursive: true }))

/** A machine whose lock fixes a policy that cannot be had. */
function machine(lock: Partial<ManagedLock> | null): Context {
  const policy = {
    url: `file://${home}/none.jws`,
    trust: '0'.repeat(64),
    region: null,
    role: null,
    endpoint: null,
  }
  const fixed = { path: '/etc/hoopctl/managed.yaml', policy, issuer: null, clientId: null, home, ...lock }
  return fakeContext({ env: { HOOPCTL_HOME: home }, managed: () => (lock === null ? null : fixed) }).context
}

async function at(lock: Partial<ManagedLock> | null, typed: Parameters<typeof providerOf>[0] = NOTHING) {
  const context = machine(lock)
  const { settings } = await providerOf(typed, await readConfig(context), context)
  return [settings.issuer, settings.clientId]
}

const signedInAt = (issuer: string, clientId: string) =>
  updateConfig(machine(null), (before) => ({ ...before, signIn: { issuer, clientId, earlier: [] } }))

describe('where to sign in while no policy can be had', () => {
  it('given a lock that names both, is there', async () => {
    expect(await at({ issuer: LOGIN, clientId: 'hoopctl' })).toEqual([LOGIN, 'hoopctl'])
  })

  it('given a client id that was typed, goes by that', async () => {
    const typed = { issuer: undefined, clientId: 'mine' }
    expect(await at({ issuer: LOGIN, clientId: 'hoopctl' }, typed)).toEqual([LOGIN, 'mine'])
  })

  it('given a sign-in at another provider before, goes by the lock', async () => {
    await signedInAt('https://before.example', 'before')
    expect(await at({ issuer: LOGIN, clientId: 'hoopctl' })).toEqual([LOGIN, 'hoopctl'])
  })

  it('given a lock without a client id, knows it from a sign-in at the same provider', async () => {
    await signedInAt(LOGIN, 'before')
    expect(await at({ issuer: LOGIN })).toEqual([LOGIN, 'before'])
  })

  it('given another issuer that was typed, is refused', async () => {
    const typed = { issuer: 'https://other.example', clientId: 'hoopctl' }
    await expect(at({ issuer: LOGIN, clientId: 'hoopctl' }, typed)).rejects.toMatchObject({
      code: 'MANAGED_LOCK',
    })
  })

  it.each([
    { lock: { issuer: LOGIN }, before: 'https://before.example', typed: '--client-id ID' },
    { lock: {}, before: null, typed: '--issuer URL --client-id ID' },
  ])('given $lock in the lock and a sign-in at $before before, says what to type', async (given) => {
    if (given.before !== null) await signedInAt(given.before, 'before')
    await expect(at(given.lock)).rejects.toMatchObject({
      code: 'USAGE',
      message:
        'nothing says where to sign in: the policy that `/etc/hoopctl/managed.yaml` fixes could not be read yet',
      hint: `run: hoopctl login ${given.typed}; whoever manages this machine knows what to type`,
    })
  })

  it('given no lock and nothing, says how to get a policy', async () => {
    await expect(at(null)).rejects.toMatchObject({ hint: expect.stringContaining('hoopctl policy add URL') })
  })
})
