import { generateKeyPairSync } from 'node:crypto'
import { importPKCS8, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import { checkStoredToken } from '../../src/identity/stored-token.ts'

const PAIRS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  ed25519: generateKeyPairSync('ed25519'),
}

/** A token that jose signs, and the key that verifies it. */
async function signed(alg: string, name: keyof typeof PAIRS, typ?: string) {
  const { publicKey, privateKey } = PAIRS[name]
  const key = await importPKCS8(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), alg)
  const token = await new SignJWT({ sub: 'bob' })
    .setProtectedHeader({ alg, kid: 'k7', ...(typ !== undefined && { typ }) })
    .sign(key)
  return { token, jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'k7' } }
}

it.each([
  ['RS256', 'rsa'],
  ['RS512', 'rsa'],
  ['PS256', 'rsa'],
  ['PS384', 'rsa'],
  ['ES256', 'p256'],
  ['ES384', 'p384'],
  ['ES512', 'p521'],
  ['EdDSA', 'ed25519'],
  ['Ed25519', 'ed25519'],
] as const)(
  'given a token by %s, holds by its key, and by no other nor with other claims',
  async (alg, name) => {
    const { token, jwk } = await signed(alg, name)
    expect(checkStoredToken(token, jwk)).toEqual({ ok: true, claims: { sub: 'bob' } })
    const [header, , signature] = token.split('.')
    const claims = Buffer.from('{"sub":"eve"}').toString('base64url')
    const why = 'its signature does not hold'
    expect(checkStoredToken([header, claims, signature].join('.'), jwk)).toEqual({ ok: false, why })
    for (const other of [{ ...jwk, kid: 'k8' }, { ...jwk, use: 'enc' }, {}])
      expect(checkStoredToken(token, other).ok).toBe(false)
  },
)

it('given a token of another kind, or an algorithm that is another’s, refuses it', async () => {
  const { token, jwk } = await signed('ES256', 'p256', 'at+jwt')
  expect(checkStoredToken(token, jwk)).toMatchObject({ ok: false })
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`
  expect(checkStoredToken(none, jwk)).toMatchObject({ ok: false })
  const weak = await signed('RS256', 'rsa')
  expect(checkStoredToken(weak.token, jwk)).toMatchObject({ ok: false })
})
