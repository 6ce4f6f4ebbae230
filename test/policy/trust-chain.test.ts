import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { trustDigest } from '../../src/policy/trust-chain.ts'
import { verifyTrustChain } from './follow-chain.ts'
import {
  jws,
  type Person,
  person,
  POLICY_TYPE,
  signature,
  trustFile,
  trustText,
  TRUST_TYPE,
} from './a-signed-policy.ts'

const [ann, ben, cleo, eve] = [person(), person(), person(), person()]

/** Makes a trust document of these keys that these people signed. */
function document(number: number, threshold: number, keys: readonly Person[], by = keys, more = ''): Buffer {
  return trustFile(trustText(number, threshold, keys, more), by)
}

const FIRST = document(1, 1, [ann])
const SECOND = document(2, 2, [ben, cleo], [ann, ben, cleo])
const THIRD = document(3, 1, [eve], [ben, cleo, eve])
const PIN = trustDigest(FIRST) ?? ''

/** Tells who is trusted in the end, or why nobody is. */
function outcome(documents: readonly Uint8Array[], pin = PIN, highest?: number): string {
  const verified = verifyTrustChain(pin, documents, highest === undefined ? {} : { highest })
  if (!verified.ok) return verified.why
  const { number, threshold, signers } = verified.trust
  const names = signers.map(({ id }) => ['ann', 'ben', 'cleo', 'eve'][IDS.indexOf(id)] ?? id)
  return `${number}: ${threshold} of ${names.join(', ')}`
}
const IDS = [ann, ben, cleo, eve].map(({ id }) => id)

/** Tells what comes of a first document of this YAML that Ann and Ben signed. */
function outcomeOf(text: string): string {
  const bytes = trustFile(text, [ann, ben])
  return outcome([bytes], trustDigest(bytes) ?? '')
}

describe('trustDigest', () => {
  it('given a trust document, is the SHA-256 of its payload, whoever has signed it', () => {
    expect(PIN).toBe(sha256(trustText(1, 1, [ann])))
    expect(trustDigest(document(1, 1, [ann], [ann, eve]))).toBe(PIN)
    expect(trustDigest(document(1, 2, [ann, ben]))).not.toBe(PIN)
  })

  it('given anything else, is null', () => {
    const text = trustText(1, 1, [ann])
    expect(trustDigest(Buffer.from(text))).toBeNull()
    expect(trustDigest(jws(text, [signature(text, { by: ann, type: POLICY_TYPE })]))).toBeNull()
  })
})

describe('verifyTrustChain', () => {
  it('given the pinned document and those that follow, trusts the keys of the last', () => {
    expect(outcome([FIRST])).toBe('1: 1 of ann')
    expect(outcome([FIRST, SECOND])).toBe('2: 2 of ben, cleo')
    expect(outcome([FIRST, SECOND, THIRD])).toBe('3: 1 of eve')
  })

  it('given a later document pinned, begins there', () => {
    const pin = trustDigest(SECOND) ?? ''
    expect(outcome([FIRST, SECOND, THIRD], pin)).toBe('3: 1 of eve')
    expect(outcome([SECOND], pin)).toBe('2: 2 of ben, cleo')
    expect(outcome([Buffer.from('not looked at'), SECOND], pin)).toBe('2: 2 of ben, cleo')
  })

  it('[ATK-TRUST] given no document with the pinned digest, trusts nobody', () => {
    const none = 'none of its trust documents has the digest that is pinned'
    expect(outcome([])).toBe(none)
    expect(outcome([document(1, 1, [eve])])).toBe(none)
    expect(outcome([SECOND, THIRD])).toBe(none)
    expect(outcome([FIRST], '')).toBe(none)
    expect(outcome([FIRST], PIN.toUpperCase())).toBe(none)
  })

  it.each([
    {
      given: 'its own keys only',
      by: [eve],
      seen: '1 of the 1 signatures by keys of the one before are missing',
    },
    { given: 'the keys before only', by: [ann], seen: '1 of the 1 signatures by its own keys are missing' },
    {
      given: 'nobody of either',
      by: [cleo],
      seen: '1 of the 1 signatures by keys of the one before are missing',
    },
    { given: 'both', by: [ann, eve], seen: null },
  ])('[ATK-TRUST] given a second document signed by $given, says so', ({ by, seen }) => {
    const why = `the trust document after 1 cannot be used: ${seen}`
    expect(outcome([FIRST, document(2, 1, [eve], by)])).toBe(seen === null ? '2: 1 of eve' : why)
  })

  it('[ATK-TRUST] given less than the threshold of the one before, refuses it', () => {
    const chain = (by: readonly Person[]) => outcome([FIRST, SECOND, document(3, 1, [eve], by)])
    const missing =
      'the trust document after 2 cannot be used: 1 of the 2 signatures by keys of the one before'
    expect(chain([ben, eve])).toBe(`${missing} are missing`)
    expect(chain([ben, ben, eve])).toBe(`${missing} are missing`)
    expect(chain([ann, ben, eve])).toBe(`${missing} are missing`)
    expect(chain([ben, cleo, eve])).toBe('3: 1 of eve')
  })

  it('[ATK-TRUST] given less than its own threshold, refuses a pinned document too', () => {
    const half = document(1, 2, [ann, ben], [ann])
    const pin = trustDigest(half) ?? ''
    expect(outcome([half], pin)).toContain('1 of the 2 signatures by its own keys are missing')
    expect(outcome([document(1, 2, [ann, ben], [ann, ben])], pin)).toBe('1: 2 of ann, ben')
  })

  it('[ATK-TRUST] given a number that is left out, repeated or lower, refuses it', () => {
    const follows = (number: number) => outcome([FIRST, document(number, 1, [ann])])
    expect(follows(3)).toContain('it has the number 3, which does not follow on 1')
    expect(follows(1)).toContain('does not follow on 1')
    expect(follows(2)).toBe('2: 1 of ann')
    expect(outcome([FIRST, SECOND, SECOND])).toContain('cannot be used')
    expect(outcome([FIRST, SECOND, FIRST])).toContain('cannot be used')
  })

  it('[ATK-ROLLBACK] given a chain that ends before the highest number that was seen, refuses it', () => {
    expect(outcome([FIRST, SECOND], PIN, 3)).toContain('it ends with trust document 2, and 3 was seen')
    expect(outcome([FIRST, SECOND], PIN, 2)).toBe('2: 2 of ben, cleo')
    expect(outcome([FIRST, SECOND, THIRD], PIN, 2)).toBe('3: 1 of eve')
  })

  it('[ATK-SIGN-OTHER-TYPE] given a signature for a policy over the bytes of a trust document, refuses it', () => {
    const text = trustText(2, 1, [eve])
    const signed = (type: string) =>
      outcome([FIRST, jws(text, [signature(text, { by: ann, type }), signature(text, { by: eve, type })])])
    expect(signed(POLICY_TYPE)).toContain('it was made for `hoopctl-policy+yaml`')
    expect(signed(TRUST_TYPE)).toBe('2: 1 of eve')
  })

  it('given documents that say how far back to go, keeps the last word and whose it is', () => {
    const floor = (documents: readonly Uint8Array[]) => {
      const verified = verifyTrustChain(PIN, documents)
      return verified.ok ? verified.trust.floor : verified.why
    }
    const second = document(2, 1, [ann], [ann], 'minVersion: 5\n')
    const third = document(3, 1, [ann])
    const fourth = document(4, 1, [ann], [ann], 'minVersion: 3\n')
    expect(floor([FIRST])).toBeNull()
    expect(floor([FIRST, second])).toEqual({ minVersion: 5, since: 2 })
    expect(floor([FIRST, second, third])).toEqual({ minVersion: 5, since: 2 })
    expect(floor([FIRST, second, third, fourth])).toEqual({ minVersion: 3, since: 4 })
  })

  it('[ATK-FLOOD] given more than 64 KiB, does not read them', () => {
    const padded = (size: number) => Buffer.concat([FIRST, Buffer.alloc(size - FIRST.length, ' ')])
    expect(trustDigest(padded(64 * 1024 + 1))).toBeNull()
    expect(trustDigest(padded(64 * 1024))).toBe(PIN)
  })
})

describe('a trust document', () => {
  const good = (more = '') => trustText(1, 2, [ann, ben], more)

  it.each([
    { given: 'an unknown key', text: good('expires: 2026-12-20T00:00:00Z\n'), word: 'expires' },
    {
      given: 'a threshold above the number of keys',
      text: trustText(1, 3, [ann, ben]),
      word: 'more keys must',
    },
    { given: 'a threshold of none', text: trustText(1, 0, [ann, ben]), word: 'at least 1' },
    {
      given: 'a threshold that is no number',
      text: good().replace('threshold: 2', 'threshold: "2"'),
      word: 'number',
    },
    { given: 'the number 0', text: trustText(0, 1, [ann]), word: 'at least 1' },
    { given: 'a number above 2^31', text: trustText(2 ** 31 + 1, 1, [ann]), word: 'at most 2147483648' },
    { given: 'a minimum above 2^31', text: good('minVersion: 2147483649\n'), word: 'at most 2147483648' },
    { given: 'a minimum of 0', text: good('minVersion: 0\n'), word: 'at least 1' },
    { given: 'no keys', text: trustText(1, 1, []), word: 'somebody must' },
    { given: 'another kind', text: good().replace('Trust', 'Policy'), word: '`Trust`' },
    { given: 'another version of the format', text: good().replace('/v1', '/v2'), word: 'hoopctl/v1' },
    { given: 'a key twice', text: good('threshold: 1\n'), word: 'threshold' },
    { given: 'a second document', text: `${good()}---\n${good()}`, word: 'document' },
    { given: 'a byte order mark', text: `\ufeff${good()}`, word: 'byte order mark' },
  ])('[ATK-PARSER] given $given, is refused', ({ text, word }) => {
    expect(outcomeOf(text)).toMatch(/^the pinned trust document cannot be used: /)
    expect(outcomeOf(text)).toContain(word)
    expect(outcomeOf(good('minVersion: 2147483648 # as high as it goes\n'))).toBe('1: 2 of ann, ben')
  })

  it('[ATK-SIGN-TWICE] given one key twice among its signers, is refused', () => {
    expect(outcomeOf(trustText(1, 2, [ann, ann]))).toContain('this key stands here twice')
    expect(outcomeOf(trustText(1, 2, [ann, ben]))).toBe('1: 2 of ann, ben')
  })

  it('[ATK-FLOOD] given more than a hundred keys, is refused', () => {
    const people = Array.from({ length: 101 }, person)
    expect(outcomeOf(trustText(1, 1, [...people.slice(2), ann, ben]))).toContain('at most 100 keys')
    expect(outcomeOf(trustText(1, 1, [...people.slice(3), ann, ben]))).toMatch(/^1: 1 of /)
  })
})
