import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, exactDecimal } from '../src/canonical-json.ts'

describe('canonicalJson', () => {
  it('sorts members by UTF-16 code units, drops white space, writes strings one way', () => {
    const text =
      ' { "b" : [ 1 , true ] , "\\u0061" : "\\/\\u00e9\\n" , "\\ud83d\\ude00":1, "\ufb33":2, "10":3, "9":4 } '
    expect(canonicalJson(text)).toBe('{"10":3,"9":4,"a":"/é\\n","b":[1,true],"😀":1,"\ufb33":2}')
  })

  it('given numbers that a double would make one, keeps them apart', () => {
    expect(canonicalJson('[9007199254740993,9007199254740992,1e400,-1e400,1e-400]')).toBe(
      '[9007199254740993,9007199254740992,1e400,-1e400,1e-400]',
    )
  })

  it('given a member called `__proto__`, keeps it as any other', () => {
    expect(canonicalJson('{"z":1,"__proto__":{"y":2}}')).toBe('{"__proto__":{"y":2},"z":1}')
  })

  it('given what is no JSON, throws a SyntaxError', () => {
    expect(() => canonicalJson('{')).toThrow(SyntaxError)
  })

  it('given the same value in any order and spacing, writes the same text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        expect(canonicalJson(JSON.stringify(turned(value), null, indent))).toBe(
          canonicalJson(JSON.stringify(value)),
        )
      }),
    )
  })

  it('given another value, writes another text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 }), (one, other) => {
        const [a, b] = [JSON.stringify(one), JSON.stringify(other)]
        const same = equal(JSON.parse(a), JSON.parse(b))
        expect(canonicalJson(a) === canonicalJson(b)).toBe(same)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('exactDecimal', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['-0.00e7', '0'],
    ['1', '1'],
    ['-1', '-1'],
    ['10', '1e1'],
    ['1.0', '1'],
    ['1.50', '15e-1'],
    ['15e-1', '15e-1'],
    ['0.0015E+3', '15e-1'],
    ['100e-2', '1'],
    ['1e99999999999999999999', '1e99999999999999999999'],
    ['123456789012345678901234567890', '12345678901234567890123456789e1'],
  ])('writes %s as %s', (source, written) => {
    expect(exactDecimal(source)).toBe(written)
  })

  it.each(['', '+1', '.5', '1.', '0x1', '1e', 'NaN', ' 1'])('given `%s`, throws a SyntaxError', (source) => {
    expect(() => exactDecimal(source)).toThrow(SyntaxError)
  })

  it('given two numbers, writes the same text if and only if they are equal', () => {
    const written = fc.tuple(
      fc.bigInt({ min: -2000n, max: 2000n }),
      fc.integer({ min: -3, max: 3 }),
      fc.nat(3),
    )
    fc.assert(
      fc.property(written, written, (one, other) => {
        expect(exactDecimal(spelled(one)) === exactDecimal(spelled(other))).toBe(
          scaled(one) === scaled(other),
        )
      }),
      { numRuns: 5000 },
    )
  })

  it('given a million zeros between two digits, is done in one pass', () => {
    const source = `1${'0'.repeat(1_000_000)}1`
    expect(exactDecimal(source)).toBe(source)
  })
})

type Spelling = readonly [bigint, number, number]

function spelled([digits, power, zeros]: Spelling): string {
  return zeros === 0 ? `${digits}e${power}` : `${digits}.${'0'.repeat(zeros)}E${power < 0 ? '' : '+'}${power}`
}

function scaled([digits, power]: Spelling): bigint {
  return digits * 10n ** BigInt(power + 3)
}

function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toReversed()
  return Object.fromEntries(entries.map(([key, member]) => [key, turned(member)]))
}

function equal(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other || (one === 0 && other === 0)
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [a, b] = [Object.entries(one), new Map(Object.entries(other))]
  return a.length === b.size && a.every(([key, value]) => b.has(key) && equal(value, b.get(key)))
}
