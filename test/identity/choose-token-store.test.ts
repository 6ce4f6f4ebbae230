import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  chooseTokenStore,
  openTokenStore,
  type StoreSurroundings,
} from '../../src/identity/choose-token-store.ts'
import { tokenStoreChoice } from '../../src/identity/token-store-choice.ts'
import { Secret } from '../../src/secret.ts'
import { hasKeyring, type Keyring, type KeyringSettings, startKeyring } from './keyring.ts'
import { startSilentBus } from './silent-bus.ts'
import { surroundings } from './store-surroundings.ts'

const PATIENT = { timeouts: { reachMs: 60_000, personMs: 60_000 } }
const HASTY = { timeouts: { reachMs: 500, personMs: 500 } }
const MACHINE = { store: 'file', key: 'machine' }
const ROOT = join(import.meta.dirname, '..', '..')

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})
async function started(settings: KeyringSettings = {}): Promise<Keyring> {
  const keyring = await startKeyring(settings)
  stops.push(keyring.stop)
  return keyring
}

describe.skipIf(!hasKeyring())('given a keychain, login', () => {
  it('chooses it, and says nothing of it', async () => {
    const { bus } = await started()
    const chosen = await chooseTokenStore(null, surroundings({ DBUS_SESSION_BUS_ADDRESS: bus }, PATIENT))
    expect([chosen.choice, chosen.store.kind, chosen.notice]).toEqual([
      { store: 'keychain', bus },
      'keychain',
      null,
    ])
  })

  it('leaves nothing in it that shows that it looked', async () => {
    const { bus } = await started()
    await chooseTokenStore('keychain', surroundings({ DBUS_SESSION_BUS_ADDRESS: bus }, PATIENT))
    const script =
      "require('@napi-rs/keyring/keytar.js').findCredentials('hoopctl').then((all) => console.log(all.length))"
    const env = { PATH: process.env['PATH'], DBUS_SESSION_BUS_ADDRESS: bus }
    expect(execFileSync(process.execPath, ['-e', script], { cwd: ROOT, env, encoding: 'utf8' })).toBe('0\n')
  })

  it('finds it where systemd puts the bus, and wrap opens it without a word of that in its environment', async () => {
    const { runtime } = await started()
    const chosen = await chooseTokenStore(null, surroundings({ XDG_RUNTIME_DIR: runtime }, PATIENT))
    await chosen.store.set('somebody', new Secret('a token'))
    const saved = tokenStoreChoice(JSON.parse(JSON.stringify(chosen.choice)))
    const opened = saved === null ? null : openTokenStore(saved, surroundings({}, PATIENT))
    expect((await opened?.get('somebody'))?.reveal()).toBe('a token')
  })

  it('given a bus that says nothing before it, takes the next', async () => {
    const silent = await startSilentBus()
    stops.push(silent.stop)
    const { runtime } = await started()
    const env = { DBUS_SESSION_BUS_ADDRESS: silent.bus, XDG_RUNTIME_DIR: runtime }
    const { choice } = await chooseTokenStore(
      'keychain',
      surroundings(env, { timeouts: { reachMs: 5000, personMs: 60_000 } }),
    )
    expect(choice).toEqual({ store: 'keychain', bus: `unix:path=${join(runtime, 'bus')}` })
  })

  it('given that a file is wanted, leaves it alone', async () => {
    const { bus } = await started()
    const { choice } = await chooseTokenStore(
      'file',
      surroundings({ DBUS_SESSION_BUS_ADDRESS: bus }, PATIENT),
    )
    expect(choice).toEqual(MACHINE)
  })
})

describe.skipIf(!hasKeyring())('given a keychain that cannot be written, login', () => {
  it.each([
    {
      name: 'nobody keeps secrets',
      settings: { secrets: 'none' },
      lock: false,
      why: /\(no keychain answers here/,
    },
    { name: 'it is locked', settings: {}, lock: true, why: /\(the keychain refused; it may be locked/ },
    {
      name: 'nobody unlocks it',
      settings: { prompter: 'silent' },
      lock: true,
      why: /\(the keychain did not answer within/,
    },
  ] as const)('and $name, takes a file and tells why', async ({ settings, lock, why }) => {
    const keyring = await started(settings)
    if (lock) await keyring.lock()
    const timeouts = { reachMs: 60_000, personMs: 1000 }
    const env = { DBUS_SESSION_BUS_ADDRESS: keyring.bus }
    const { choice, notice } = await chooseTokenStore(null, surroundings(env, { timeouts }))
    expect([choice, notice]).toEqual([MACHINE, expect.stringMatching(why)])
  })

  it('and it is what is wanted, refuses', async () => {
    const { bus } = await started({ secrets: 'none' })
    const chosen = chooseTokenStore('keychain', surroundings({ DBUS_SESSION_BUS_ADDRESS: bus }, PATIENT))
    await expect(chosen).rejects.toMatchObject({
      code: 'KEYCHAIN',
      message: expect.stringMatching(/^no keychain answers here/),
      hint: 'unlock it, or run: hoopctl login --store file',
    })
  })
})

describe('given no keychain, login', () => {
  it('given nobody to ask, takes the key of this machine and says what that is worth', async () => {
    const { choice, store, notice } = await chooseTokenStore(
      null,
      surroundings({}, { ...HASTY, platform: 'win32' }),
    )
    expect([choice, store.kind]).toEqual([MACHINE, 'file'])
    expect(notice).toMatch(
      /hoopctl knows no keychain on win32.*does not keep it from programs that you run, from root/,
    )
  })

  it('given HOOPCTL_PASSPHRASE, takes it, and says that wrap needs it', async () => {
    const env = { HOOPCTL_PASSPHRASE: 'correct horse' }
    const { choice, store, notice } = await chooseTokenStore('file', surroundings(env))
    expect([choice, store.kind]).toEqual([{ store: 'file', key: 'passphrase' }, 'file'])
    expect(notice).toMatch(/needs HOOPCTL_PASSPHRASE in the `env` of its entry/)
  })

  it.each([
    ['an answer', new Secret('correct horse'), 'passphrase'],
    ['no answer', null, 'machine'],
  ])('given a person and %s, does as they say', async (_, answer, key) => {
    const asked: string[] = []
    const prompt = async (purpose: string): Promise<Secret | null> => {
      asked.push(purpose)
      return answer
    }
    const { choice } = await chooseTokenStore('file', surroundings({}, { prompt }))
    expect([choice, asked]).toEqual([{ store: 'file', key }, ['new']])
  })

  it('given a person who wanted no file, asks them too, and tells them why there is one', async () => {
    const prompt = vi.fn<NonNullable<StoreSurroundings['prompt']>>(async () => new Secret('correct horse'))
    const { choice } = await chooseTokenStore(null, surroundings({}, { prompt, platform: 'win32' }))
    expect(choice).toEqual({ store: 'file', key: 'passphrase' })
    expect(prompt).toHaveBeenCalledExactlyOnceWith('new', 'hoopctl knows no keychain on win32')
  })

  it('given a short passphrase, refuses it and does not repeat it', async () => {
    const chosen = chooseTokenStore('file', surroundings({ HOOPCTL_PASSPHRASE: 'seven77' }))
    await expect(chosen).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'the passphrase has fewer than 8 characters',
      hint: 'choose a longer one; several words are easier to type than many signs',
    })
  })
})

describe('a saved choice', () => {
  it.each([
    { store: 'keychain', bus: 'unix:path=/run/user/1000/bus' },
    { store: 'keychain', bus: null },
    { store: 'file', key: 'passphrase' },
    { store: 'file', key: 'machine' },
  ])('given %o, is that', (choice) => {
    expect(tokenStoreChoice(choice)).toEqual(choice)
  })

  it('given nothing, is none', () => {
    expect([tokenStoreChoice(undefined), tokenStoreChoice(null)]).toEqual([null, null])
  })

  it.each([
    'keychain',
    7,
    [],
    {},
    { store: 'keychain' },
    { store: 'keychain', bus: 7 },
    { store: 'keychain', bus: null, key: 'machine' },
    { store: 'file' },
    { store: 'file', key: 'none' },
    { store: 'file', key: 'machine', bus: null },
    { store: 'file', key: 'machine', path: '/elsewhere' },
    { store: 'plain', key: 'machine' },
  ])('given %o, is refused', (value) => {
    expect(() => tokenStoreChoice(value)).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', hint: 'run: hoopctl login' }),
    )
  })
})
