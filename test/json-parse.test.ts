import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson, scanJson } from '../src/json-parse.ts'

describe('parseJson', () => {
  it('given a key with an escape after a key that ends in a backslash, reads both as written [INV-3]', () => {
    for (let i = 0; i < 3; i++) {
      expect(parseJson('{"\\\\":1}')).toEqual({ '\\': 1 })
      expect(parseJson('{"\\u0061":1}')).toEqual({ a: 1 })
      expect(parseJson('{"ab\\\\":1}')).toEqual({ 'ab\\': 1 })
      expect(parseJson('[{"ab\\u0061":1},{"ab\\"":{"\\u0061":[{}]}}]')).toEqual([
        { aba: 1 },
        { 'ab"': { a: [{}] } },
      ])
    }
  })

  it('reads every text as the value that it was written from, however its keys are spelled [INV-3]', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (value, spelling) => {
        const text = spelled(JSON.stringify(value), spelling)
        expect(JSON.stringify(parseJson(text))).toBe(JSON.stringify(value))
      }),
      { numRuns: 1000 },
    )
  })

  it('given `__proto__` spelled with an escape, makes it a key like any other', () => {
    const value = parseJson('{"\\u005f_proto__":{"a":1}}')
    expect(Object.keys(value as object)).toEqual(['__proto__'])
  })

  it.each(['{"a":1', '{"\\u0061":1,}', '{"\\u0061" 1}', '{"\\x61":1}', '["\\u0061":1]', '{"\\u0061":01}'])(
    'given %s, throws a SyntaxError',
    (text) => expect(() => parseJson(text)).toThrow(SyntaxError),
  )

  it('hands the text of each number on, with and without escapes in keys', () => {
    const number = (source: string) => `<${source}>`
    expect(parseJson('{"a":[1e400,-0],"b":1.50}', number)).toEqual({ a: ['<1e400>', '<-0>'], b: '<1.50>' })
    expect(parseJson('{"\\u0061":[1e400,-0],"b":1.50}', number)).toEqual({
      a: ['<1e400>', '<-0>'],
      b: '<1.50>',
    })
  })
})

describe('scanJson', () => {
  it('counts members and depth outside of strings only', () => {
    expect(scanJson(Buffer.from('{"a:{":[{"b":":"},"\\\\"],"c\\"":"\\ud83d"}'))).toEqual({
      members: 3,
      depth: 3,
      loneSurrogate: true,
      escapedKeys: true,
      disguisedKeys: false,
      long: [],
    })
    expect(scanJson(Buffer.from('["\\"",{"a":"\\n"}]'))).toEqual({
      members: 1,
      depth: 2,
      loneSurrogate: false,
      escapedKeys: false,
      disguisedKeys: false,
      long: [],
    })
  })
})

// Spells letters of keys and values as escapes.
function spelled(text: string, spelling: number): string {
  if (spelling === 0) return text
  return text.replace(/"(?:[^"\\]|\\.)*"/g, (string) =>
    string.replace(/[a-e]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
  )
}
