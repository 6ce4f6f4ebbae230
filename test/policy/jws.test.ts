import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJws, signJws, writeJws } from '../../src/policy/jws.ts'
import { verifySignedPolicy } from '../../src/policy/signed-policy.ts'
import { trustDigest } from '../../src/policy/trust-chain.ts'
import { verifyTrustChain } from './follow-chain.ts'
import {
  base64url,
  jws,
  type Making,
  NOW,
  person,
  POLICY_TYPE,
  signature,
  signedText,
  trustFile,
  trustIn,
  trustText,
} from './a-signed-policy.ts'

const ann = person()
const TEXT = signedText()
const ENTRY = signature(TEXT, { by: ann })
const GOOD = jws(TEXT, [ENTRY])
const GOOD_TEXT = GOOD.toString()
const TRUST = trustIn([ann])
const EXPECTED = { name: 'acme', now: NOW, lowestVersion: 1 }

function why(bytes: Uint8Array | string): string {
  const verified = verifySignedPolicy(Buffer.from(bytes), TRUST, EXPECTED)
  return verified.ok ? 'ok' : `${verified.code}: ${verified.why}`
}

function whyHeader(making: Omit<Making, 'by'>): string {
  return why(jws(TEXT, [signature(TEXT, { by: ann, ...making })]))
}

describe('readJws', () => {
  it('given what writeJws writes, reads it', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const signed = signJws(Buffer.from(TEXT), POLICY_TYPE, privateKey)
    const read = readJws(Buffer.from(writeJws(Buffer.from(TEXT), [signed])), POLICY_TYPE, 10_000)
    expect(read).toEqual({
      ok: true,
      jws: { payload: Buffer.from(TEXT), encoded: base64url(TEXT), signatures: [signed] },
    })
  })

  it.each([
    { given: '`crit` of something unknown', header: { crit: ['exp'], exp: 1 }, word: '`crit`' },
    { given: '`crit` of something known', header: { crit: ['kid'], kid: 'x' }, word: '`crit`' },
    { given: 'an empty `crit`', header: { crit: [] }, word: '`crit`' },
    { given: '`b64`, which changes what is signed', header: { b64: false }, word: '`b64`' },
    { given: 'a key of its own', header: { jwk: { kty: 'OKP' } }, word: '`jwk`' },
    { given: 'an address of keys', header: { jku: 'https://evil.example' }, word: '`jku`' },
    { given: 'a certificate', header: { x5c: [] }, word: '`x5c`' },
    { given: 'a `kid` that is a number', header: { kid: 7 }, word: '`kid`' },
  ])('[ATK-SIGN-HEADER] given $given in the protected header, refuses it', ({ header, word }) => {
    expect(whyHeader({ header })).toMatch(/^format: /)
    expect(whyHeader({ header })).toContain(word)
    expect(whyHeader({ header: { kid: 'ann' } })).toBe('ok')
  })

  it.each(['alg', 'typ', 'crit', 'b64', 'jwk', 'cty', 'x'])(
    '[ATK-SIGN-HEADER] given `%s` in the header that nobody signed, refuses it',
    (name) => {
      expect(whyHeader({ unprotected: { [name]: 'EdDSA' } })).toContain(`\`${name}\` is not known here`)
      expect(whyHeader({ unprotected: { kid: 'ann' } })).toBe('ok')
      expect(whyHeader({ unprotected: {} })).toBe('ok')
    },
  )

  it('[ATK-SIGN-HEADER] given `kid` in both headers, refuses it', () => {
    expect(whyHeader({ header: { kid: 'a' }, unprotected: { kid: 'a' } })).toContain('both headers')
  })

  it('[ATK-SIGN-HEADER] given `alg` in the header that nobody signed only, refuses it', () => {
    expect(whyHeader({ header: { alg: undefined }, unprotected: { alg: 'EdDSA' } })).toMatch(/^format: /)
  })

  it.each([
    { given: 'a key twice', headerText: '{"alg":"none","alg":"EdDSA","typ":"hoopctl-policy+yaml"}' },
    {
      given: 'keys that differ in case only',
      headerText: '{"alg":"EdDSA","Alg":"none","typ":"hoopctl-policy+yaml"}',
    },
    { given: 'a list', headerText: '[]' },
    { given: 'null', headerText: 'null' },
    { given: 'no JSON', headerText: 'EdDSA' },
    { given: 'data after it', headerText: '{"alg":"EdDSA","typ":"hoopctl-policy+yaml"}{}' },
    { given: 'a prototype', headerText: '{"__proto__":{"alg":"EdDSA"},"typ":"hoopctl-policy+yaml"}' },
  ])('[ATK-PARSER] given $given as protected header, refuses it', ({ headerText }) => {
    expect(whyHeader({ headerText })).toMatch(/^format: /)
    expect(whyHeader({ headerText: ' {"typ":"hoopctl-policy+yaml", "alg":"EdDSA"}\n' })).toBe('ok')
  })

  it.each([
    { given: 'nothing', text: '' },
    { given: 'an empty object', text: '{}' },
    { given: 'no payload', text: JSON.stringify({ signatures: [ENTRY] }) },
    { given: 'no signatures', text: JSON.stringify({ payload: base64url(TEXT), signatures: [] }) },
    {
      given: 'signatures that are no list',
      text: JSON.stringify({ payload: base64url(TEXT), signatures: ENTRY }),
    },
    { given: 'the flattened form', text: JSON.stringify({ payload: base64url(TEXT), ...ENTRY }) },
    { given: 'both forms', text: jws(TEXT, [ENTRY], ENTRY).toString() },
    { given: 'a member that nobody knows', text: jws(TEXT, [ENTRY], { x: 1 }).toString() },
    { given: 'the compact form', text: [ENTRY['protected'], base64url(TEXT), ENTRY['signature']].join('.') },
    { given: 'data after it', text: `${GOOD_TEXT}{}` },
    { given: 'a NUL after it', text: `${GOOD_TEXT}\0` },
    { given: 'a byte order mark', text: `\ufeff${GOOD_TEXT}` },
    { given: 'two payloads', text: GOOD_TEXT.replace('{', `{"payload":"${base64url('other')}",`) },
    { given: 'a second `signatures`', text: GOOD_TEXT.replace('{', '{"signatures":[],') },
    { given: 'a null among them', text: jws(TEXT, [ENTRY, null]).toString() },
    {
      given: 'a payload that is no text',
      text: jws(TEXT, [ENTRY], { payload: [base64url(TEXT)] }).toString(),
    },
  ])('[ATK-PARSER] given $given, refuses it', ({ text }) => {
    expect(why(text)).toMatch(/^format: /)
    expect(why(`\n ${GOOD_TEXT}\n`)).toBe('ok')
  })

  it('[ATK-PARSER] given base64url in another spelling of the same bytes, refuses it', () => {
    const entry = (changes: object) => why(jws(TEXT, [{ ...ENTRY, ...changes }]))
    const written = String(ENTRY['signature'])
    // 64 bytes leave four bits of the last character without meaning.
    const stray = written.slice(0, -1) + String.fromCharCode(written.charCodeAt(written.length - 1) + 1)
    expect(Buffer.from(stray, 'base64url').equals(Buffer.from(written, 'base64url'))).toBe(true)
    for (const text of [stray, `${written}==`, `${written}\n`, ` ${written}`, `${written}.`, '']) {
      expect(entry({ signature: text })).toContain('`signature` is not 64 bytes in base64url')
    }
    expect(entry({ protected: `${String(ENTRY['protected'])}=` })).toContain('`protected` is no base64url')
    expect(why(jws(TEXT, [ENTRY], { payload: `${base64url(TEXT)}=` }))).toContain('`payload` is no base64url')
    expect(entry({})).toBe('ok')
  })

  it('[ATK-FLOOD] given a hundred signatures, reads them; given one more, refuses them', () => {
    expect(
      why(
        jws(
          TEXT,
          Array.from({ length: 100 }, () => ENTRY),
        ),
      ),
    ).toBe('ok')
    expect(
      why(
        jws(
          TEXT,
          Array.from({ length: 101 }, () => ENTRY),
        ),
      ),
    ).toContain('more than 100 signatures')
  })

  it('[ATK-FLOOD] given more than 6 MiB, does not read it', () => {
    expect(why(Buffer.alloc(6 * 1024 ** 2 + 1, ' '))).toContain('larger than 6144 KiB')
    expect(why(Buffer.concat([GOOD, Buffer.alloc(100_000, ' ')]))).toBe('ok')
  })

  it('[ATK-TERMINAL] given a megabyte where a word belongs, tells the beginning of it', () => {
    const alg = 'x'.repeat(1_000_000)
    expect(whyHeader({ header: { alg } }).length).toBeLessThan(400)
    expect(whyHeader({ header: { [alg]: 1 } }).length).toBeLessThan(400)
  })
})

describe('any bytes', () => {
  it('given a signed policy with any byte changed, never gives another payload', () => {
    const where = fc.nat({ max: GOOD.length - 1 })
    fc.assert(
      fc.property(where, fc.integer({ min: 1, max: 255 }), (index, flip) => {
        const bytes = Buffer.from(GOOD)
        bytes[index] = (bytes[index] ?? 0) ^ flip
        const verified = verifySignedPolicy(bytes, TRUST, EXPECTED)
        if (verified.ok) expect(verified.payload).toEqual(Buffer.from(TEXT))
      }),
      { numRuns: 3000 },
    )
  })

  it('given a trust document with any byte changed, never trusts anybody else', () => {
    const next = trustFile(trustText(2, 1, [person()]), [ann])
    const first = trustFile(trustText(1, 1, [ann]), [ann])
    const pinned = trustDigest(first) ?? ''
    fc.assert(
      fc.property(fc.nat({ max: first.length - 1 }), fc.integer({ min: 1, max: 255 }), (index, flip) => {
        const bytes = Buffer.from(first)
        bytes[index] = (bytes[index] ?? 0) ^ flip
        const verified = verifyTrustChain(pinned, [bytes])
        if (verified.ok) expect(verified.trust.signers.map(({ id }) => id)).toEqual([ann.id])
        expect(verifyTrustChain(pinned, [first, bytes]).ok).toBe(false)
        expect(verifyTrustChain(pinned, [first, next]).ok).toBe(false) // its own key has not signed it
      }),
      { numRuns: 1000 },
    )
  })

  it('given bytes and JSON of whatever kind, never throws', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({ payload: fc.anything(), signatures: fc.array(fc.anything()) })
        .map((value) =>
          Buffer.from(JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? 1 : member))),
        ),
      // Whoever is trusted may sign anything, and a laptop must outlive that too.
      fc
        .oneof(fc.string({ unit: 'binary' }), fc.json())
        .map((text) => jws(text, [signature(text, { by: ann })])),
      fc
        .oneof(fc.string({ unit: 'binary' }), fc.json())
        .map((text) => jws(text, [signature(text, { by: ann, type: 'hoopctl-trust+yaml' })])),
    )
    fc.assert(
      fc.property(hostile, (bytes) => {
        expect(verifySignedPolicy(bytes, TRUST, EXPECTED).ok).toBe(false)
        expect(verifyTrustChain(trustDigest(bytes) ?? '', [bytes]).ok).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })
})
