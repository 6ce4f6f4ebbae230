import { expect, it } from 'vitest'
import { openTokens } from '../../src/identity/tokens.ts'
import type { SignIn } from '../../src/sign-in.ts'
import { type Forged, forgedTokens, plant } from './kept-token.ts'
import { type Bench, bench } from './sign-ins-bench.ts'
import { signedIn } from './signed-in.ts'

const MINUTE = 60_000
const now = () => Math.floor(Date.now() / 1000)

it.each<[string, () => Omit<Forged, 'issuer'>, string]>([
  ['nobody signed', () => ({ header: { alg: 'none' }, signature: '' }), 'algorithm `none`'],
  ['is of another type', () => ({ header: { typ: 'at+jwt' } }), '(`typ`)'],
  ['another issuer gave', () => ({ claims: { iss: 'https://other.example' } }), 'it was issued by'],
  ['is for another client', () => ({ claims: { aud: 'other' } }), '(`aud`)'],
  ['was given to another client', () => ({ claims: { azp: 'other' } }), '(`azp`)'],
  ['names nobody', () => ({ claims: { sub: '' } }), '(`sub`)'],
  ['had expired when it was confirmed', () => ({ claims: { exp: now() - 3600 } }), '(`exp`)'],
  ['was issued after it was confirmed', () => ({ claims: { iat: now() + 120 } }), '(`iat`)'],
  ['was confirmed eleven minutes after it was issued', () => ({ claims: { iat: now() - 660 } }), '(`iat`)'],
])(
  '[ATK-FORGED-SIGN-IN] given a kept token that %s, refuses it without the network',
  async (_given, forge, words) => {
    await using at = await bench()
    await plant(forgedTokens({ ...forge(), issuer: at.settings.issuer }), at.parts.store)
    expect(await at.signIns.current(at.settings)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(words),
      hint: 'run: hoopctl login',
    })
  },
)

it('[ATK-FORGED-SIGN-IN] given a true token that is said to have been confirmed later, refuses it', async () => {
  await using at = await bench()
  const kept = await at.entry()
  const opened = kept === null ? null : openTokens(kept, at.settings)
  if (opened?.kind !== 'tokens') throw new Error('nothing is kept')
  at.pass(13 * 60 * MINUTE)
  await plant({ ...opened.tokens, confirmed: new Date(Date.now()) }, at.parts.store)
  expect(await at.signIns.current(at.settings)).toMatchObject({ kind: 'refused' })
})

it('[ATK-FORGED-SIGN-IN] given keys of the provider, tells whether it signed the very token that was read', async () => {
  await using at = await bench()
  const alice = await current(at)
  expect(await at.signIns.verify(alice)).toBe('holds')
  await plant(forgedTokens({ issuer: at.settings.issuer }), at.parts.store)
  const bob = await current(at) // the store alone cannot tell
  expect(bob.claims['sub']).toBe('bob')
  expect(await at.signIns.verify(bob)).toBe('refused')
  await at.signIns.keep(await signedIn(at.server, 'bob')) // a true one in its place says nothing of that
  expect(await at.signIns.verify(bob)).toBe('refused')
  expect(await at.signIns.verify({ ...alice })).toBe('refused')
})

it('given an old token that was true when it was confirmed, verifies it', async () => {
  await using at = await bench()
  at.pass(11 * 60 * MINUTE)
  expect(await at.signIns.verify(await current(at))).toBe('holds')
})

it.each([503, 404])('given a provider that answers with %s, cannot tell', async (status) => {
  await using at = await bench()
  const alice = await current(at)
  at.server.fail(status)
  expect(await at.signIns.verify(alice)).toBe('unreachable')
})

async function current(at: Bench): Promise<SignIn> {
  const signIn = await at.signIns.current(at.settings)
  if (!('claims' in signIn)) throw new Error(signIn.why)
  return signIn
}
