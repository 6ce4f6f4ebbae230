import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactJson } from '../../src/policy/exact-json.ts'
import { outcomeOf } from './a-policy.ts'

const read = (text: string): unknown => parseExactJson(text, { inexact: false })

describe('numbers', () => {
  it.each([
    ['5', 5n],
    ['-0', 0n],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['5.0', 5],
    ['1e3', 1000],
    ['0.1', 0.1],
    ['1.10', 1.1],
    ['123456789012345680000.0', 123456789012345680000],
    ['-0.0', -0],
    ['5e-324', 5e-324],
  ])('given %s, is exactly %s', (text, value) => {
    expect(read(text)).toBe(value)
    expect(read(`{"n":${text}}`)).toEqual(new Map([['n', value]]))
  })

  it.each([
    '9223372036854775808',
    '-9223372036854775809',
    '1'.repeat(100_000),
    '0.1000000000000000055511151231257827',
    '9007199254740993.0',
    '1e400',
    '1e-400',
    '1.00000000000000000001',
    '3.14159265358979323846',
  ])('given %s, is read as nothing', (text) => {
    const marks = { inexact: false }
    expect(() => parseExactJson(text, marks)).toThrow()
    expect(marks.inexact).toBe(true)
  })

  it('given any 64-bit integer, keeps every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(read(String(value))).toBe(value)
      }),
    )
  })

  it('given any double as it prints, is that double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = JSON.stringify(value)
        if (!/[.e]/u.test(text)) return
        expect(read(text)).toBe(value)
      }),
    )
  })

  it('given any JSON, the road for plain numbers and the other agree', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = JSON.stringify(value)
        if (/[0-9](?:[.eE]|[0-9]{15})/u.test(text)) return
        // A text with an odd number in it takes the road with the reviver, and so does all that stands beside it.
        const [beside] = read(`[${text},1.5]`) as unknown[]
        expect(beside).toEqual(read(text))
      }),
    )
  })
})

describe('a condition that reads a number which no CEL number holds', () => {
  const big = '{"n":99999999999999999999,"l":[1,1e999],"m":{"a":1,"b":1e999},"x":"y"}'

  it.each([
    'args.n > 5',
    'args.n == args.n',
    'has(args.n)',
    '"n" in args && args.x == "y"',
    'args.n > 5 || args.x == "y"',
    'args.n > 5 && args.x == "z"',
    'args["n"] == 1',
    'args.l == [1, 2]',
    'args.l.exists(v, v == 2)',
    'args.l.exists(v, v == 7) || true',
    'args.l.map(v, v) == []',
    '3 in args.l',
    'args.l + [1] == []',
    'args.m == {"a": 1, "b": 2}',
    '[args.n] == [1]',
    'type(args.n) == int',
    'string(args.n) == "1"',
  ])('given `%s`, fails', async (when) => {
    expect(await outcomeOf(when, big)).toBe('failed')
  })

  it.each([
    ['args.x == "y"', 'yes'],
    ['size(args.l) == 2', 'yes'],
    ['args.l[0] == 1', 'yes'],
    ['args.m.a == 1', 'yes'],
    ['"m" in args', 'yes'],
    ['args.m.all(k, k in ["a", "b"])', 'yes'],
    ['args.x == "z" && args.n > 5', 'no'],
  ])('given `%s`, which reads another, does not fail', async (when, outcome) => {
    expect(await outcomeOf(when, big)).toBe(outcome)
  })
})
