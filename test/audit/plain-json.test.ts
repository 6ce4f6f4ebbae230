import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainJson, plainMembers } from '../../src/audit/plain-json.ts'
import { parsed } from '../../src/parsed.ts'

const isPlain = (text: string) => isPlainJson(Buffer.from(text))
const isJson = (text: string) => parsed(text) !== undefined

describe('isPlainJson', () => {
  it('given what JSON.stringify writes, with or without spaces, says yes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom('', ' ', '\t'), (value, space) => {
        expect(isPlain(JSON.stringify(value, null, space))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('given such a text with one character put in, taken out or replaced, says what JSON.parse says', () => {
    const characters = fc.constantFrom(
      ...'{}[]",:\\/ \t\n\r0123456789-+.eEtrufalsn\u0000\u001f\u007fé\u2028'.split(''),
    )
    const edit = fc.record({
      at: fc.nat(),
      out: fc.nat({ max: 1 }),
      into: fc.oneof(characters, fc.constant('')),
    })
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(edit, { minLength: 1, maxLength: 3 }), (value, edits) => {
        let text = JSON.stringify(value)
        for (const { at, out, into } of edits) {
          const start = at % (text.length + 1)
          text = text.slice(0, start) + into + text.slice(start + out)
        }
        expect({ text, plain: isPlain(text) }).toEqual({ text, plain: isJson(text) })
      }),
      { numRuns: 20_000 },
    )
  })

  it('given short texts of what JSON is made of, says what JSON.parse says', () => {
    const part = fc.constantFrom(
      ...'{ } [ ] , : " \\ \\u 00 é 0 1 - + . e E true false null nul 12 "a" "a":1 \\" \\x'.split(' '),
      ' ',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        expect({ text, plain: isPlain(text) }).toEqual({ text, plain: isJson(text) })
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([64, 65])('given %i arrays within each other, knows up to 64', (depth) => {
    expect(isPlain('['.repeat(depth) + ']'.repeat(depth))).toBe(depth === 64)
  })
})

describe('plainMembers', () => {
  const membersOf = (text: string) =>
    [...plainMembers(Buffer.from(text))].map((member) =>
      [member.name, member.value].map((part) => Buffer.from(part).toString()),
    )

  it('given an object, gives its members as they stand there', () => {
    expect(membersOf(' { "a" : 1.50 , "b\\u0062":{"c":[1, 2]} ,"":"x"}')).toEqual([
      ['"a"', '1.50'],
      ['"b\\u0062"', '{"c":[1, 2]}'],
      ['""', '"x"'],
    ])
  })

  it.each(['{}', '[]', '[{"a":1}]', '"{"', '{', '{"a"}', '{"a":}', ''])('given %s, gives none', (text) => {
    expect(membersOf(text)).toEqual([])
  })
})
