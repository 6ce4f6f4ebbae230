import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { HoopctlError } from '../../src/errors.ts'
import { encryptedFileStore } from '../../src/identity/encrypted-file-store.ts'
import { SignIns, type SignInsOptions } from '../../src/identity/sign-ins.ts'
import { accountOf, openTokens } from '../../src/identity/tokens.ts'
import { Secret } from '../../src/secret.ts'
import type { TestProvider } from './provider.ts'
import { type Bench, bench } from './sign-ins-bench.ts'
import { signedIn } from './signed-in.ts'
import { temporaryFolder } from './store-surroundings.ts'

const MINUTE = 60_000

const ALICE = { kind: 'human', clientId: 'hoopctl', store: 'file', claims: { sub: 'alice' } }

it('given a kept sign-in, tells who it is without the network', async () => {
  await using at = await bench()
  at.server.fail(500)
  expect(await at.signIns.current(at.settings)).toMatchObject({ ...ALICE, issuer: at.server.issuer })
})

it.each([
  ['another client', { clientId: 'other' }],
  ['another issuer', { issuer: 'https://other.example' }],
])('given a policy that names %s, nobody is signed in', async (_given, change) => {
  await using at = await bench()
  expect(await at.signIns.current({ ...at.settings, ...change })).toEqual({
    kind: 'none',
    why: 'nobody is signed in',
    hint: 'run: hoopctl login',
  })
})

it('given claims of less than 15 minutes, does not renew; after that, renews with rotation each time', async () => {
  await using at = await bench()
  at.pass(14 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null, signIn: ALICE })
  expect(at.refreshes()).toBe(0)
  const before = await at.entry()
  at.pass(2 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null, signIn: ALICE })
  at.pass(16 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null, signIn: ALICE })
  expect(at.refreshes()).toBe(2)
  expect((await at.entry())?.reveal()).not.toBe(before?.reveal())
})

it.each([
  ['20 s', 20_000],
  ['ten minutes', 10 * MINUTE],
])('given a maxAge of %s, renews after half of it', async (_given, maxAgeMs) => {
  await using at = await bench()
  const settings = { ...at.settings, maxAgeMs }
  at.pass(maxAgeMs * 0.4)
  expect(await at.signIns.renewWhenDue(settings)).toMatchObject({ fault: null, signIn: ALICE })
  expect(at.refreshes()).toBe(0)
  at.pass(maxAgeMs * 0.5)
  expect(await at.signIns.renewWhenDue(settings)).toMatchObject({ fault: null, signIn: ALICE })
  expect(at.refreshes()).toBe(1)
})

it('given a provider that cannot be reached, counts for maxAge, tries once a minute, and recovers', async () => {
  await using at = await bench()
  at.pass(16 * MINUTE)
  at.server.fail(503)
  const failed = { signIn: ALICE, fault: { code: 'UNREACHABLE' } }
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject(failed)
  at.server.fail(null)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject(failed) // not asked again yet
  at.server.fail(503)
  at.pass(12 * 60 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ signIn: { kind: 'expired' } })
  at.server.fail(null)
  at.pass(MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ signIn: ALICE, fault: null })
})

it('[ATK-CLOCK-BACK] given a clock set back, claims do not count until they are renewed', async () => {
  await using at = await bench()
  at.pass(-2 * MINUTE)
  expect(await at.signIns.current(at.settings)).toMatchObject({ kind: 'expired' })
})

it('given a provider that ended the sign-in, ends it at once, for all', async () => {
  await using at = await bench()
  const kept = await at.entry()
  const tokens = kept === null ? null : openTokens(kept, at.settings)
  if (tokens?.kind !== 'tokens') throw new Error('nothing is kept')
  const body = new URLSearchParams({
    client_id: 'hoopctl',
    token: tokens.tokens.refreshToken?.reveal() ?? '',
  })
  await fetch(`${at.server.issuer}/token/revocation`, { method: 'POST', body })
  expect(await at.signIns.current(at.settings)).toMatchObject(ALICE)
  at.pass(16 * MINUTE)
  const ended = { kind: 'ended', why: 'the provider has ended this sign-in', hint: 'run: hoopctl login' }
  expect(await at.signIns.renewWhenDue(at.settings)).toEqual({ signIn: ended, fault: null })
  expect(await new SignIns(at.parts).current(at.settings)).toEqual(ended)
  await at.signIns.keep(await signedIn(at.server, 'bob'))
  expect(await at.signIns.current(at.settings)).toMatchObject({ claims: { sub: 'bob' } })
})

it('[ATK-REFRESH-REUSE] given a key set that cannot be had while renewing, keeps the new refresh token', async () => {
  await using at = await bench()
  let keysFail = true
  const http: SignInsOptions['http'] = async (url, request) => {
    if (keysFail && url.pathname === '/jwks') {
      throw new HoopctlError('UNREACHABLE', 'no keys', { hint: 'try again' })
    }
    return at.parts.http(url, request)
  }
  const signIns = new SignIns({ ...at.parts, http })
  at.pass(16 * MINUTE)
  const { fault, signIn } = await signIns.renewWhenDue(at.settings)
  expect(fault).toMatchObject({ message: 'no keys' })
  expect(signIn).toMatchObject(ALICE)
  keysFail = false
  at.pass(MINUTE)
  expect(await signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null, signIn: ALICE })
  expect(at.refreshes()).toBe(2) // the provider would have ended a sign-in whose old token came again
})

it('[ATK-REFRESH-REUSE] given a refresh token that somebody else used again, the provider has ended the sign-in', async () => {
  await using at = await bench()
  const old = await refreshTokenOf(at)
  at.pass(16 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ signIn: ALICE })
  expect(await refresh(at.server, old)).toMatchObject({ error: 'invalid_grant' })
  at.pass(16 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ signIn: { kind: 'ended' } })
})

it('given a store that cannot be written, finds out before the refresh token is spent', async () => {
  await using at = await bench()
  const locked = new HoopctlError('KEYCHAIN', 'the keychain is locked', { hint: 'unlock it' })
  const store = { ...at.parts.store, set: () => Promise.reject(locked) }
  const signIns = new SignIns({ ...at.parts, store })
  at.pass(16 * MINUTE)
  expect(await signIns.renewWhenDue(at.settings)).toMatchObject({ fault: locked, signIn: ALICE })
  expect(at.refreshes()).toBe(0)
})

it('given a store that cannot be read, tells that from nobody being signed in', async () => {
  await using at = await bench()
  const error = new HoopctlError('KEYCHAIN', 'the keychain cannot be reached from here', { hint: 'log in' })
  const store = { ...at.parts.store, get: () => Promise.reject(error) }
  expect(await new SignIns({ ...at.parts, store }).current(at.settings)).toEqual({
    kind: 'unreachable',
    why: error.message,
    hint: 'log in',
  })
})

it.each(['no JSON', '{"v":2}', '{"v":1,"issuer":"https://other.example","clientId":"hoopctl","ended":true}'])(
  'given the entry `%s`, refuses it',
  async (text) => {
    await using at = await bench()
    await at.parts.store.set(accountOf(at.settings), new Secret(text))
    expect(await at.signIns.current(at.settings)).toMatchObject({ kind: 'refused' })
  },
)

it('given a renewal without an ID token, goes on with the one before, as of when that came', async () => {
  await using at = await bench()
  const http: SignInsOptions['http'] = async (url, request) => {
    const answer = await at.parts.http(url, request)
    return url.pathname === '/token' ? { ...answer, body: withoutIdToken(answer.body) } : answer
  }
  at.pass(16 * MINUTE)
  const { signIn, fault } = await new SignIns({ ...at.parts, http }).renewWhenDue(at.settings)
  expect({ signIn, fault }).toMatchObject({
    signIn: ALICE,
    fault: { message: expect.stringContaining('no ID') },
  })
  at.pass(12 * 60 * MINUTE)
  expect(await at.signIns.current(at.settings)).toMatchObject({ kind: 'expired' })
})

it('given who is signed in, gives the ID token to those who verify it themselves, of whatever age; given nobody, none', async () => {
  await using at = await bench()
  expect(await at.signIns.idToken(at.settings)).toBeInstanceOf(Secret)
  at.server.fail(503)
  at.pass(13 * 60 * MINUTE)
  expect(await at.signIns.idToken(at.settings)).toBeInstanceOf(Secret)
  await at.signIns.end(at.settings)
  expect(await at.signIns.idToken(at.settings)).toMatchObject({ kind: 'none' })
})

it('given logout, revokes at the provider and removes the entry', async () => {
  await using at = await bench()
  const refreshToken = await refreshTokenOf(at)
  expect(await at.signIns.end(at.settings)).toEqual({ fault: null })
  expect(await at.entry()).toBeNull()
  expect(await refresh(at.server, refreshToken)).toMatchObject({ error: 'invalid_grant' })
  expect(await at.signIns.end(at.settings)).toBe('none')
})

it('given logout and a provider that cannot be reached, removes the entry and says what was not revoked', async () => {
  await using at = await bench()
  at.server.fail(500)
  expect(await at.signIns.end(at.settings)).toMatchObject({ fault: { code: 'UNREACHABLE' } })
  expect(await at.entry()).toBeNull()
})

it('given a provider with new keys, verifies with those', async () => {
  await using at = await bench()
  at.pass(16 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null })
  at.server.rotateKeys()
  at.pass(16 * MINUTE)
  expect(await at.signIns.renewWhenDue(at.settings)).toMatchObject({ fault: null, signIn: ALICE })
})

async function refreshTokenOf(at: Bench): Promise<string> {
  const kept = await at.entry()
  const opened = kept === null ? null : openTokens(kept, at.settings)
  return opened?.kind === 'tokens' ? (opened.tokens.refreshToken?.reveal() ?? '') : ''
}

async function refresh(server: TestProvider, refreshToken: string): Promise<unknown> {
  const grant = { client_id: 'hoopctl', grant_type: 'refresh_token', refresh_token: refreshToken }
  return (await fetch(`${server.issuer}/token`, { method: 'POST', body: new URLSearchParams(grant) })).json()
}

function withoutIdToken(body: Uint8Array): Uint8Array {
  const { id_token: _, ...rest } = JSON.parse(Buffer.from(body).toString())
  return Buffer.from(JSON.stringify(rest))
}

it('given a passphrase that was forgotten, is ended here all the same, and the provider is not told', async () => {
  const directory = temporaryFolder()
  const { uid } = userInfo()
  const storeOf = (passphrase: string | null) =>
    encryptedFileStore({
      directory: join(directory, 'tokens'),
      uid,
      key: 'passphrase',
      passphrase: async () => (passphrase === null ? null : new Secret(passphrase)),
    })
  await using at = await bench({ store: storeOf('correct horse battery') })
  const forgotten = new SignIns({ ...at.parts, store: storeOf(null) })
  expect(await forgotten.end(at.settings)).toMatchObject({ fault: { code: 'KEYCHAIN' } })
  expect(await at.signIns.current(at.settings)).toMatchObject({ kind: 'none' })
})
