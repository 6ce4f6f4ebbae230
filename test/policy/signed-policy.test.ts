import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { parsePolicy } from '../../src/policy/load.ts'
import {
  faultOfSigned,
  floorOf,
  type Mark,
  openSignedPolicy,
  verifySignedPolicy,
} from '../../src/policy/signed-policy.ts'
import type { Trust } from '../../src/policy/trust-chain.ts'
import {
  jws,
  type Making,
  NOW,
  person,
  signature,
  signedText,
  TRUST_TYPE,
  trustIn,
  trustText,
} from './a-signed-policy.ts'

const [ann, ben, eve] = [person(), person(), person()]
const TRUST = trustIn([ann, ben])
const BOTH = trustIn([ann, ben], 2)
const TEXT = signedText()
const EXPECTED = { name: 'acme', now: NOW, lowestVersion: 1 }

/** The verdict in one word: `ok`, or the code of the refusal. */
function verdict(bytes: Uint8Array, trust: Trust = TRUST, changes: object = {}): string {
  const verified = verifySignedPolicy(bytes, trust, { ...EXPECTED, ...changes })
  return verified.ok ? 'ok' : verified.code
}

function signedBy(...making: readonly Making[]): Buffer {
  return jws(
    TEXT,
    making.map((one) => signature(TEXT, one)),
  )
}

/** The verdict on a policy of this text that Ann signed. */
function verdictOn(text: string, changes: object = {}): string {
  return verdict(jws(text, [signature(text, { by: ann })]), TRUST, changes)
}

describe('verifySignedPolicy', () => {
  it('given a policy that one of its signers signed, gives the very bytes that were signed', async () => {
    const verified = verifySignedPolicy(signedBy({ by: ann }), TRUST, EXPECTED)
    expect(verified).toEqual({
      ok: true,
      payload: Buffer.from(TEXT),
      name: 'acme',
      version: 7,
      expires: new Date('2026-12-20T00:00:00Z'),
      digest: sha256(TEXT),
      signers: [ann.id],
    })
    if (!verified.ok) return
    const { policy } = await parsePolicy(verified.payload, 'acme.jws')
    expect({ name: policy?.name, digest: policy?.digest }).toEqual({ name: 'acme', digest: verified.digest })
  })

  it.each([
    { given: 'two of two', by: [ann, ben], seen: 'ok' },
    { given: 'one of two', by: [ann], seen: 'threshold' },
    { given: 'one of two, and a stranger', by: [ann, eve], seen: 'threshold' },
    { given: 'two of two, and a stranger', by: [eve, ben, ann], seen: 'ok' },
    { given: '[ATK-SIGN-TWICE] one of two, twice', by: [ann, ann], seen: 'threshold' },
  ])('given signatures by $given, says $seen', ({ by, seen }) => {
    expect(verdict(signedBy(...by.map((one) => ({ by: one }))), BOTH)).toBe(seen)
  })

  it('[ATK-SIGN-TWICE] given one key under two names, counts it once', () => {
    const named = (by: typeof ann, kid: string) => ({ by, header: { kid } })
    expect(verdict(signedBy(named(ann, 'ann'), named(ann, ben.id)), BOTH)).toBe('altered')
    expect(verdict(signedBy(named(ann, 'one'), named(ann, 'two')), BOTH)).toBe('threshold')
    expect(verdict(signedBy({ by: ann, unprotected: { kid: 'x' } }, named(ann, 'y')), BOTH)).toBe('threshold')
    expect(verdict(signedBy(named(ann, 'one'), named(ben, 'one')), BOTH)).toBe('ok')
    expect(verdict(signedBy(named(ann, ann.id), named(ben, ben.id)), BOTH)).toBe('ok')
  })

  it.each(['EdDSA', 'Ed25519'])('given the algorithm %s, accepts it', (alg) => {
    expect(verdict(signedBy({ by: ann, header: { alg } }))).toBe('ok')
  })

  it.each([
    'none',
    'None',
    'NONE',
    '',
    'eddsa',
    'Ed448',
    'HS256',
    'RS256',
    'ES256',
    'PS512',
    7,
    null,
    ['EdDSA'],
  ])('[ATK-SIGN-ALGORITHM] given the algorithm %j, refuses it', (alg) => {
    expect(verdict(signedBy({ by: ann, header: { alg } }))).toBe('algorithm')
    // Nor beside one that would do: nobody can tell what the other was meant to say.
    expect(verdict(signedBy({ by: ann }, { by: ben, header: { alg } }))).toBe('algorithm')
  })

  it('[ATK-SIGN-ALGORITHM] given `alg: none` and no signature, refuses it', () => {
    const entry = { ...signature(TEXT, { by: ann, header: { alg: 'none' } }), signature: '' }
    expect(verdict(jws(TEXT, [entry]))).toBe('algorithm')
  })

  it('[ATK-SIGN-OTHER-TYPE] given a trust document, does not take it for a policy, whoever signed it', () => {
    expect(verdict(signedBy({ by: ann, type: TRUST_TYPE }))).toBe('format')
    expect(verdict(signedBy({ by: ann, type: 'application/hoopctl-policy+yaml' }))).toBe('format')
    expect(verdict(signedBy({ by: ann, header: { typ: undefined } }))).toBe('format')
    expect(
      verdict(signedBy({ by: ann, header: { typ: undefined }, unprotected: { typ: 'hoopctl-policy+yaml' } })),
    ).toBe('format')
    const trust = trustText(1, 1, [ann])
    expect(verdict(jws(trust, [signature(trust, { by: ann })]))).toBe('format')
  })

  it('given a signature that names a key and is not of these bytes, calls it altered', () => {
    const entry = signature(TEXT, { by: ann, header: { kid: ann.id }, over: `${TEXT}# more` })
    expect(verdict(jws(TEXT, [entry]))).toBe('altered')
    expect(verdict(jws(TEXT, [signature(TEXT, { by: ann, over: `${TEXT}# more` })]))).toBe('threshold')
    expect(verdict(jws(TEXT, [entry, signature(TEXT, { by: ben })]))).toBe('ok')
  })

  it.each([
    { given: 'another name', metadata: 'name: acme-test, version: 7', seen: 'name' },
    { given: 'a name that differs in case', metadata: 'name: Acme, version: 7', seen: 'name' },
    { given: 'no name', metadata: 'version: 7', seen: 'name' },
    { given: 'a name that is a number', metadata: 'name: 7, version: 7', seen: 'name' },
    { given: 'no version', metadata: 'name: acme', seen: 'version' },
    { given: 'version 0', metadata: 'name: acme, version: 0', seen: 'version' },
    { given: 'a negative version', metadata: 'name: acme, version: -7', seen: 'version' },
    { given: 'a version in quotes', metadata: 'name: acme, version: "7"', seen: 'version' },
    { given: 'a version with a fraction', metadata: 'name: acme, version: 7.5', seen: 'version' },
    { given: 'a version above 2^31', metadata: 'name: acme, version: 2147483649', seen: 'version' },
    { given: 'a version beyond doubles', metadata: 'name: acme, version: 9007199254740993', seen: 'version' },
    { given: 'the version 2^31', metadata: 'name: acme, version: 2147483648', seen: 'ok' },
    { given: 'its name and a version', metadata: 'name: acme, version: 7', seen: 'ok' },
  ])('given $given, says $seen', ({ metadata, seen }) => {
    expect(verdictOn(signedText(`${metadata}, expires: 2026-12-20T00:00:00Z`))).toBe(seen)
  })

  it.each([
    { given: 'no expiry', expires: '', seen: 'format' },
    { given: 'a day that there is not', expires: ', expires: 2026-11-31T00:00:00Z', seen: 'format' },
    { given: 'an expiry without a zone', expires: ', expires: 2026-12-20', seen: 'format' },
    { given: 'an expiry that has come', expires: ', expires: 2026-11-21T09:30:00Z', seen: 'expired' },
    { given: 'an expiry a second later', expires: ', expires: 2026-11-21T09:30:01Z', seen: 'ok' },
  ])('given $given, says $seen', ({ expires, seen }) => {
    expect(verdictOn(signedText(`name: acme, version: 7${expires}`))).toBe(seen)
  })

  it('given no `identity`, refuses it: nobody would have to sign in', () => {
    expect(verdictOn(TEXT.replace(/^identity.*\n/mu, ''))).toBe('format')
    expect(verdictOn(TEXT)).toBe('ok')
  })

  it('given a name that nobody asks for, verifies the rest', () => {
    const text = signedText('name: other, version: 7, expires: 2026-12-20T00:00:00Z')
    expect(verdictOn(text, { name: null })).toBe('ok')
    expect(verdictOn(text)).toBe('name')
  })

  it('[ATK-ROLLBACK] given a version below the lowest, refuses it', () => {
    expect(verdictOn(TEXT, { lowestVersion: 8 })).toBe('rollback')
    expect(verdictOn(TEXT, { lowestVersion: 7 })).toBe('ok')
  })

  it('[ATK-ROLLBACK] given other contents under a version that was seen, refuses them', () => {
    expect(verdictOn(TEXT, { known: { version: 7, digest: sha256('other') } })).toBe('version')
    expect(verdictOn(TEXT, { known: { version: 6, digest: sha256('other') } })).toBe('ok')
    expect(verdictOn(TEXT, { known: { version: 7, digest: sha256(TEXT) } })).toBe('ok')
  })

  it('[ATK-PARSER] given YAML that is read differently by different readers, refuses it although it is signed', () => {
    expect(verdictOn(`${TEXT}rules: []\n`)).toBe('format') // a key twice
    expect(verdictOn(`${TEXT}---\nkind: Policy\n`)).toBe('format') // a second document
    expect(verdictOn(`%YAML 1.1\n---\n${TEXT}`)).toBe('format')
    expect(verdictOn(`\ufeff${TEXT}`)).toBe('format')
    expect(verdictOn(`${TEXT}# \0`)).toBe('format')
    const bytes = Buffer.concat([Buffer.from(TEXT), Buffer.from([0x23, 0xc3, 0x28])])
    expect(verdict(jws(bytes, [signature(bytes, { by: ann })]))).toBe('format')
    expect(verdictOn(`${TEXT}# more\n`)).toBe('ok')
  })

  it('given more than 4 MiB of YAML, refuses it', () => {
    const padded = (size: number) => `${TEXT}#`.padEnd(size, '.')
    expect(verdictOn(padded(4 * 1024 ** 2 + 1))).toBe('format')
    expect(verdictOn(padded(4 * 1024 ** 2))).toBe('ok')
    expect(verdictOn(padded(5 * 1024 ** 2))).toBe('format')
  })
})

describe('floorOf', () => {
  const mark = (version: number, trust: number): Mark => ({ version, trust, digest: sha256(`${version}`) })
  const reset = { ...TRUST, number: 3, floor: { minVersion: 5, since: 2 } }

  it.each([
    { given: 'no mark', trust: TRUST, seen: null, floor: [1, null] },
    { given: 'a mark', trust: TRUST, seen: mark(9, 1), floor: [9, 9] },
    { given: 'no mark, and a minimum', trust: reset, seen: null, floor: [5, null] },
    { given: 'a mark of before the minimum was set', trust: reset, seen: mark(2 ** 31, 1), floor: [5, null] },
    { given: 'a lower mark of before', trust: reset, seen: mark(3, 1), floor: [5, null] },
    { given: 'a mark of the document that sets it', trust: reset, seen: mark(9, 2), floor: [9, 9] },
    { given: 'a mark of a later document', trust: reset, seen: mark(9, 3), floor: [9, 9] },
  ])('given $given, tells how far back a laptop goes', ({ trust, seen, floor }) => {
    const { lowestVersion, known } = floorOf(trust, seen)
    expect([lowestVersion, known?.version ?? null]).toEqual(floor)
  })
})

describe('openSignedPolicy and faultOfSigned', () => {
  it('given the policy that was parsed of the payload, say together what verifySignedPolicy says', async () => {
    const texts = [
      TEXT,
      signedText('name: other, version: 7, expires: 2026-12-20T00:00:00Z'),
      signedText('name: acme, expires: 2026-12-20T00:00:00Z'),
      signedText('name: acme, version: 7'),
      signedText('name: acme, version: 6, expires: 2026-12-20T00:00:00Z'),
      signedText('name: acme, version: 7, expires: 2025-12-20T00:00:00Z'),
      TEXT.replace(/^identity.*\n/mu, ''),
    ]
    const seen: string[] = []
    for (const text of texts) {
      const bytes = jws(text, [signature(text, { by: ann })])
      const opened = openSignedPolicy(bytes, TRUST)
      const { policy } = opened.ok ? await parsePolicy(opened.payload, 'acme.jws') : { policy: null }
      if (policy === null) throw new Error('it does not load')
      const fault = faultOfSigned(policy, { ...EXPECTED, lowestVersion: 7 })
      expect(fault?.code ?? 'ok').toBe(verdict(bytes, TRUST, { lowestVersion: 7 }))
      seen.push(fault?.code ?? 'ok')
    }
    expect(seen).toEqual(['ok', 'name', 'version', 'format', 'rollback', 'expired', 'format'])
  })
})
