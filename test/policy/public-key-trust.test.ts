import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultOfPoint } from '../../src/policy/ed25519-point.ts'
import { parsePublicKey, publicKeyId } from '../../src/policy/public-key.ts'
import { person } from './a-signed-policy.ts'

const P = 2n ** 255n - 19n

function bytesOf(y: bigint, signBit = 0n): Buffer {
  return Buffer.from((y | (signBit << 255n)).toString(16).padStart(64, '0'), 'hex').reverse()
}

function why(bytes: Uint8Array): string {
  const parsed = parsePublicKey(`ed25519:${Buffer.from(bytes).toString('base64url')}`)
  return parsed.ok ? 'ok' : parsed.why
}

// The y of the points of order 1, 2, 4 and 8. *Seen*: OpenSSL 3.0, which Node.js 22 has, verifies `R = B, S = 1` under them.
const SMALL = [
  1n,
  P - 1n,
  0n,
  ...['c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'].flatMap((hex) => {
    const y = BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`) & (2n ** 255n - 1n)
    return [y, P - y]
  }),
]

describe('parsePublicKey', () => {
  it('given the keys of people, takes them and writes them as they were', () => {
    for (let round = 0; round < 50; round++) {
      const { id, key } = person()
      const parsed = parsePublicKey(id)
      expect(parsed.ok && parsed.key.id).toBe(id)
      expect(publicKeyId(key)).toBe(id)
      expect(parsed.ok && publicKeyId(parsed.key.key)).toBe(id)
    }
  })

  it('[ATK-WEAK-KEY] given a point of small order, for which anybody can sign, refuses it', () => {
    for (const y of SMALL) {
      for (const signBit of [0n, 1n]) {
        expect(why(bytesOf(y, signBit))).toContain('small order')
      }
    }
    for (let round = 0; round < 20; round++) expect(parsePublicKey(person().id).ok).toBe(true)
  })

  it('[ATK-WEAK-KEY] given a second encoding of a point, refuses it', () => {
    for (let more = 0n; more < 19n; more++) {
      expect(why(bytesOf(P + more))).toContain('canonical')
      expect(why(bytesOf(P + more, 1n))).toContain('canonical')
    }
  })

  it('[ATK-WEAK-KEY] given what is no point of the curve, refuses it; half of all 32 bytes are', () => {
    expect(why(bytesOf(2n))).toContain('no point of the curve')
    expect(why(bytesOf(3n))).toBe('ok')
    const points = fc.sample(fc.uint8Array({ minLength: 32, maxLength: 32 }), { numRuns: 400, seed: 1 })
    const bad = points.filter((bytes) => faultOfPoint(bytes) === 'it is no point of the curve')
    expect(bad.length).toBeGreaterThan(120)
    expect(bad.length).toBeLessThan(280)
  })

  it.each([
    { given: 'no prefix', change: (id: string) => id.slice(8) },
    { given: 'another prefix', change: (id: string) => id.replace('ed25519', 'Ed25519') },
    { given: 'padding', change: (id: string) => `${id}=` },
    { given: 'a line break after it', change: (id: string) => `${id}\n` },
    { given: 'too little', change: (id: string) => id.slice(0, -1) },
    { given: 'too much', change: (id: string) => `${id}A` },
    { given: 'stray bits at its end', change: (id: string) => id.slice(0, -1) + after(id.at(-1) ?? '') },
  ])('given $given, refuses it', ({ change }) => {
    const { id } = person()
    expect(parsePublicKey(id).ok).toBe(true)
    expect(parsePublicKey(change(id))).toEqual({
      ok: false,
      why: 'a public key is `ed25519:` and 43 characters of base64url',
    })
  })
})

/** The next character of the alphabet: 43 of them leave two bits without meaning. */
function after(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(character) + 1] ?? ''
}
