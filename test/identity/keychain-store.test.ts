import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openTokenStore, type StoreTimeouts } from '../../src/identity/choose-token-store.ts'
import type { TokenStore } from '../../src/identity/token-store.ts'
import { Secret } from '../../src/secret.ts'
import { hasKeyring, type Keyring, type KeyringSettings, startKeyring } from './keyring.ts'
import { type SilentBus, startSilentBus } from './silent-bus.ts'
import { surroundings } from './store-surroundings.ts'

const LONG: StoreTimeouts = { reachMs: 60_000, personMs: 60_000 }
const SHORT: StoreTimeouts = { reachMs: 500, personMs: 500 }
const ROOT = join(import.meta.dirname, '..', '..')

function open(bus: string, timeouts = LONG): TokenStore {
  return openTokenStore({ store: 'keychain', bus }, surroundings({}, { timeouts }))
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => ({ value }),
    (failure: { code: string; message: string; hint: string }) => ({
      code: failure.code,
      message: failure.message,
      hint: failure.hint,
    }),
  )
}

const UNLOCK = 'unlock the keychain, and try again'
const ELSEWHERE =
  'run: hoopctl login, where you use hoopctl; it chooses a store that can be reached from there'

describe.skipIf(!hasKeyring())('a keychain that is unlocked', () => {
  let keyring: Keyring
  beforeAll(async () => {
    keyring = await startKeyring()
  })
  afterAll(() => keyring.stop())

  it('given an entry, reads it in the small environment of a client', async () => {
    const { bus } = keyring
    const full = surroundings({ DBUS_SESSION_BUS_ADDRESS: bus }, { timeouts: LONG })
    await openTokenStore({ store: 'keychain', bus }, full).set('an account', new Secret('a token'))
    expect((await open(bus).get('an account'))?.reveal()).toBe('a token')
  })

  it.each([
    ['6,000 bytes and more', 'x'.repeat(6001)],
    ['100,000 bytes', 'y'.repeat(100_000)],
    ['characters beyond ASCII and line breaks', 'ß 鍵\n\u{1f511}'],
  ])('given a secret of %s, gives it back', async (_, secret) => {
    const store = open(keyring.bus)
    await store.set('a long one', new Secret(secret))
    expect((await store.get('a long one'))?.reveal()).toBe(secret)
  })

  it('given no entry, says so: nobody is signed in', async () => {
    expect(await open(keyring.bus).get('nobody')).toBeNull()
  })

  it('given an entry that was replaced, then removed, then removed again, has the new one, then none', async () => {
    const store = open(keyring.bus)
    await store.set('changing', new Secret('before'))
    await store.set('changing', new Secret('after'))
    const replaced = (await store.get('changing'))?.reveal()
    await store.delete('changing')
    await store.delete('changing')
    expect([replaced, await store.get('changing')]).toEqual(['after', null])
  })

  it('keeps entries where the keytar API finds them, under `hoopctl`', async () => {
    await open(keyring.bus).set('through keytar', new Secret('a token'))
    const script =
      "require('@napi-rs/keyring/keytar.js').getPassword('hoopctl', 'through keytar').then(console.log)"
    const env = { PATH: process.env['PATH'], DBUS_SESSION_BUS_ADDRESS: keyring.bus }
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: ROOT, env })
    expect(stdout).toBe('a token\n')
  })

  it('given a bus of another user, does not speak with it [ATK-FOREIGN-BUS]', async () => {
    const somebody = surroundings({}, { uid: surroundings().uid + 1, timeouts: LONG })
    const store = openTokenStore({ store: 'keychain', bus: keyring.bus }, somebody)
    expect(await failureOf(store.get('an account'))).toEqual({
      code: 'KEYCHAIN',
      message: `the keychain cannot be reached from here: this user has no bus at \`${keyring.bus}\``,
      hint: ELSEWHERE,
    })
  })
})

describe.skipIf(!hasKeyring())('a keychain that does not answer', () => {
  const stops: (() => unknown)[] = []
  const started = async (settings: KeyringSettings): Promise<Keyring> => {
    const keyring = await startKeyring(settings)
    stops.push(keyring.stop)
    return keyring
  }
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
  })

  it('given a bus that is gone, tells that from not being signed in', async () => {
    const { bus, stop } = await startKeyring({ secrets: 'none' })
    await stop()
    expect(await failureOf(open(bus).get('an account'))).toEqual({
      code: 'KEYCHAIN',
      message: `the keychain cannot be reached from here: this user has no bus at \`${bus}\``,
      hint: ELSEWHERE,
    })
  })

  it('given a bus where nobody keeps secrets, says that no keychain answers', async () => {
    const { bus } = await started({ secrets: 'none' })
    expect(await failureOf(open(bus).set('an account', new Secret('a token')))).toEqual({
      code: 'KEYCHAIN',
      message: expect.stringMatching(/^no keychain answers here \(.*org\.freedesktop\.secrets.*\)$/),
      hint: ELSEWHERE,
    })
  })

  it('given a locked one and nobody who could unlock it, says that it may be locked', async () => {
    const { bus, lock } = await started({})
    await open(bus).set('an account', new Secret('a token'))
    await lock()
    expect(await failureOf(open(bus).get('an account'))).toEqual({
      code: 'KEYCHAIN',
      message: expect.stringMatching(/^the keychain refused; it may be locked \(.*\)$/),
      hint: UNLOCK,
    })
  })

  it('given a locked one that waits for a person, gives up when the time is over', async () => {
    const { bus, lock } = await started({ prompter: 'silent' })
    await open(bus).set('an account', new Secret('a token'))
    await lock()
    expect(await failureOf(open(bus, SHORT).get('an account'))).toEqual({
      code: 'KEYCHAIN',
      message: 'the keychain did not answer within 0.5 s; it may be locked and waiting for a person',
      hint: UNLOCK,
    })
  })
})

describe('a bus that never says a word', () => {
  let silent: SilentBus
  beforeEach(async () => {
    silent = await startSilentBus()
  })
  afterEach(() => silent.stop())

  it('holds nothing else up, and is given up when the time is over', async () => {
    const answer = failureOf(open(silent.bus, SHORT).get('an account'))
    expect(await Promise.race([answer, setTimeout(1, 'the rest goes on')])).toBe('the rest goes on')
    expect(await answer).toMatchObject({ code: 'KEYCHAIN', hint: UNLOCK })
    if (silent.isConnected()) await silent.abandoned // the time may be over before anybody comes that far
  })

  it.each(['process.exit(7)', "process.kill(process.pid, 'SIGKILL')"])(
    'given %s while a call hangs, ends at once, and the call with it',
    async (last) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', hangAnd(silent.bus, last)], {
        cwd: ROOT,
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      await silent.connected
      child.stdin.write('now')
      const [code, signal] = await once(child, 'exit')
      expect(code ?? signal).toBe(last.includes('exit') ? 7 : 'SIGKILL')
      await silent.abandoned
    },
  )

  it('given a secret, shows it to nobody who lists processes [INV-5]', async () => {
    const answer = failureOf(open(silent.bus, LONG).set('an account', new Secret('s3cret-in-a-hurry')))
    await silent.connected
    const listed = execFileSync('ps', ['-ewwo', 'args'], { encoding: 'utf8' })
    expect(listed).toContain('answerOneRequest')
    expect(listed).not.toContain('s3cret-in-a-hurry')
    silent.stop()
    expect(JSON.stringify(await answer)).not.toContain('s3cret-in-a-hurry')
  })
})

// It ends when it is told to: the call has come as far as the bus then.
function hangAnd(bus: string, last: string): string {
  return `
    import { openTokenStore } from './src/identity/choose-token-store.ts'
    import { userInfo } from 'node:os'
    const store = openTokenStore({ store: 'keychain', bus: ${JSON.stringify(bus)} }, {
      env: {}, platform: 'linux', uid: userInfo().uid, directories: { state: '/nowhere' }, prompt: null,
      timeouts: { reachMs: 600_000, personMs: 600_000 },
    })
    void store.get('an account')
    process.stdin.once('data', () => { ${last} })
  `
}
