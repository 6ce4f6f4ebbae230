import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { elements, endOfValue, members, skipSpace, type Span, valueAt } from '../src/json-spans.ts'

const cut = (text: string, span: Span | undefined) =>
  span === undefined ? undefined : text.slice(span.start, span.end)

describe('members', () => {
  it('lists keys as a parser reads them, with the text of their names and values', () => {
    const text = ' { "a" : 1.50 , "b\\u0062\\"" : [ "}" , {"c":"]"} ] ,"":-0,"e":{}}'
    const found = members(text, 1).map(({ key, name, value }) => [key, cut(text, name), cut(text, value)])
    expect(found).toEqual([
      ['a', '"a"', '1.50'],
      ['bb"', '"b\\u0062\\""', '[ "}" , {"c":"]"} ]'],
      ['', '""', '-0'],
      ['e', '"e"', '{}'],
    ])
  })

  it('given an object without members, lists none', () => {
    expect([members('{}', 0), members('{ \n }', 0)]).toEqual([[], []])
  })
})

describe('elements', () => {
  it('lists the text of each element', () => {
    const text = '[ 1 , "a,]" , [ ] , {"x":[2]},null ]'
    expect(elements(text, 0).map((span) => cut(text, span))).toEqual([
      '1',
      '"a,]"',
      '[ ]',
      '{"x":[2]}',
      'null',
    ])
    expect([elements('[]', 0), elements('[ ]', 0)]).toEqual([[], []])
  })
})

describe('valueAt', () => {
  const text = ' {"a":{"b":[1,{"c":2}]},"__proto__":{"c":3},"\\u0064":4}'
  it.each([
    { path: [], found: text.trim() },
    { path: ['a', 'b'], found: '[1,{"c":2}]' },
    { path: ['__proto__', 'c'], found: '3' },
    { path: ['d'], found: '4' },
    { path: ['constructor'], found: undefined },
    { path: ['a', 'b', '1'], found: undefined },
    { path: ['d', 'x'], found: undefined },
    { path: ['A'], found: undefined },
  ])('given the path $path, finds $found', ({ path, found }) => {
    expect(cut(text, valueAt(text, path))).toBe(found)
  })
})

describe('given any JSON text', () => {
  const spaced = fc
    .tuple(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'))
    .map(([text, indent]) => JSON.stringify(JSON.parse(text), null, indent))

  it('each member and element, cut out, parses to what JSON.parse finds there', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const value: unknown = JSON.parse(text)
        if (Array.isArray(value))
          expect(elements(text, 0).map((span) => JSON.parse(cut(text, span) ?? ''))).toEqual(value)
        else if (typeof value === 'object' && value !== null) {
          const read = members(text, 0).map(({ key, value: span }) => [
            key,
            JSON.parse(cut(text, span) ?? ''),
          ])
          expect(Object.fromEntries(read)).toEqual(value)
        }
      }),
    )
  })

  it('its end is where the text ends, whatever follows', () => {
    fc.assert(
      fc.property(spaced, fc.constantFrom('', ' ', ',1', ']', '}'), (text, rest) => {
        expect(endOfValue(`  ${text}${rest}`, skipSpace(`  ${text}`, 0))).toBe(text.length + 2)
      }),
    )
  })
})
