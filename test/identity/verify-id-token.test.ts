import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HoopctlError } from '../../src/errors.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { verifyIdToken } from '../../src/identity/verify-id-token.ts'
import { anIssuer } from './an-issuer.ts'
import { startHostileProvider } from './hostile-provider.ts'
import { loopbackHttp } from './http.ts'

/** An honest token, and what verifies it, at a moment in which it holds. */
async function bench() {
  const server = await startHostileProvider()
  const provider = await discoverProvider(server.issuer, loopbackHttp)
  const answer = await fetch(`${server.issuer}/token`, { method: 'POST' })
  const { id_token: token } = (await answer.json()) as { id_token: string } // as that provider writes it
  const now = new Date()
  const verify = (text: string) => verifyIdToken(text, { provider, clientId: 'hoopctl', now })
  return { token, verify, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n'

it('[ATK-FORGED-TOKEN] given any change to a token, refuses it as a failed sign-in', async () => {
  await using at = await bench()
  expect(await at.verify(at.token)).toMatchObject({ sub: 'alice' })
  const change = fc.record({
    at: fc.nat({ max: at.token.length - 1 }),
    cut: fc.nat({ max: 3 }),
    put: fc
      .array(fc.constantFrom(...CHARACTERS.split('')), { maxLength: 3 })
      .map((characters) => characters.join('')),
  })
  const refused = async (edit: { at: number; cut: number; put: string }) => {
    const changed = at.token.slice(0, edit.at) + edit.put + at.token.slice(edit.at + edit.cut)
    fc.pre(changed !== at.token)
    const outcome: unknown = await at.verify(changed).catch((error: unknown) => error)
    expect(outcome).toBeInstanceOf(HoopctlError)
    expect(outcome).toMatchObject({ code: 'SIGN_IN_FAILED' })
  }
  await fc.assert(fc.asyncProperty(change, refused), { numRuns: 500 })
})

it('[ATK-FORGED-TOKEN] given any text, refuses it as a failed sign-in', async () => {
  await using at = await bench()
  const part = fc.oneof(
    fc.string(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  )
  const refused = async (parts: string[]) => {
    await expect(at.verify(parts.join('.'))).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
  }
  await fc.assert(fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), refused), { numRuns: 300 })
})

// Refused as well: what a clock that is wrong by more than a minute makes of an honest token.
it.each([
  { claim: 'iat', says: 'it was issued in the future (`iat`)' },
  { claim: 'nbf', says: 'it is not valid yet (`nbf`)' },
])('given `$claim` 60 s ahead of this machine, takes the token; 61 s ahead, refuses it', async (given) => {
  const { claim, says } = given
  const issuer = anIssuer()
  const { provider } = issuer
  const now = new Date('2026-11-21T09:00:00Z')
  const seconds = now.getTime() / 1000
  const honest = { iss: provider.issuer, sub: 'alice', aud: 'hoopctl', iat: seconds, exp: seconds + 300 }
  const verify = (ahead: number) =>
    verifyIdToken(issuer.sign({ ...honest, [claim]: seconds + ahead }), {
      provider,
      clientId: 'hoopctl',
      now,
    })
  expect(await verify(60)).toMatchObject({ sub: 'alice' })
  await expect(verify(61)).rejects.toMatchObject({
    code: 'SIGN_IN_FAILED',
    message: expect.stringContaining(says),
  })
})

it('given an end 59 s ago, takes the token; 60 s ago, refuses it', async () => {
  const issuer = anIssuer()
  const { provider } = issuer
  const now = new Date('2026-11-21T09:00:00Z')
  const seconds = now.getTime() / 1000
  const verify = (ago: number) => {
    const claims = { iss: provider.issuer, sub: 'alice', aud: 'hoopctl', iat: seconds - 300 }
    return verifyIdToken(issuer.sign({ ...claims, exp: seconds - ago }), {
      provider,
      clientId: 'hoopctl',
      now,
    })
  }
  expect(await verify(59)).toMatchObject({ sub: 'alice' })
  await expect(verify(60)).rejects.toMatchObject({
    message: expect.stringContaining('it has expired (`exp`)'),
  })
})
