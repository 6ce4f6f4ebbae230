import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressPattern } from '../../src/policy/address-pattern.ts'
import { namePattern } from '../../src/policy/name-pattern.ts'

/** What a name pattern means, as slowly and plainly as can be. */
function slowName(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern.startsWith('*')) {
    return slowName(pattern.slice(1), text) || (text !== '' && slowName(pattern, text.slice(1)))
  }
  return text !== '' && pattern[0] === text[0] && slowName(pattern.slice(1), text.slice(1))
}

/** What an address pattern means behind its host: `**` crosses, `*` stays within a segment. */
function slowPath(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const stars = /^\*+/u.exec(pattern)?.[0].length ?? 0
  if (stars > 0) {
    const rest = pattern.slice(stars)
    if (slowPath(rest, text)) return true
    const first = text[0]
    return first !== undefined && (stars > 1 || !'/?'.includes(first)) && slowPath(pattern, text.slice(1))
  }
  return text !== '' && pattern[0] === text[0] && slowPath(pattern.slice(1), text.slice(1))
}

function matches(pattern: string, uri: string): boolean {
  const compiled = addressPattern(pattern)
  if (compiled.pattern === null) throw new Error(compiled.why)
  return compiled.pattern.matches(uri)
}

describe('name patterns', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', 'ab'), maxLength: 9 })

  it('given any pattern and name, agree with the slow reading', () => {
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        expect(namePattern(pattern).matches(text)).toBe(slowName(pattern, text))
      }),
      { numRuns: 3000 },
    )
  })

  it('given characters that mean something to regular expressions, take them as they are', () => {
    expect(namePattern('a.c').matches('abc')).toBe(false)
    expect(namePattern('a.c').matches('a.c')).toBe(true)
    expect(namePattern('(a+)+$*').matches('(a+)+$x')).toBe(true)
  })

  it('given upper and lower case, tell them apart', () => {
    expect(namePattern('read_*').matches('Read_x')).toBe(false)
  })

  it('given a pattern that would blow up a backtracking matcher, answers', () => {
    expect(namePattern(`${'*a'.repeat(200)}b`).matches('a'.repeat(100_000))).toBe(false)
  })
})

describe('address patterns', () => {
  const path = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '**', '?'), maxLength: 9 })

  it('given any path, agree with the slow reading', () => {
    fc.assert(
      fc.property(path, path, (pattern, text) => {
        expect(matches(`x://h/p${pattern}`, `x://h/p${text}`)).toBe(slowPath(pattern, text))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    { pattern: 'file:///srv/docs/**', uri: 'file:///srv/docs/a/b.md', matched: true },
    { pattern: 'file:///srv/docs/**', uri: 'file:///srv/docs2/a', matched: false },
    { pattern: 'file:///srv/*/a', uri: 'file:///srv/x/a', matched: true },
    { pattern: 'file:///srv/*/a', uri: 'file:///srv/x/y/a', matched: false },
    { pattern: '*', uri: 'anything:at/all', matched: true },
    { pattern: 'https://*.example.com/**', uri: 'https://a.example.com/x', matched: true },
    { pattern: 'https://*.example.com/**', uri: 'https://evil.com/.example.com/', matched: false },
    { pattern: 'https://*.example.com/**', uri: 'https://evil.com?.example.com/', matched: false },
    { pattern: 'https://*.example.com/**', uri: 'https://evil.com:80@x.example.com/', matched: false },
    { pattern: 'https://*/x', uri: 'https://a:8080/x', matched: false },
    { pattern: 'https://example.com/*', uri: 'https://example.com/a?b=c', matched: false },
    { pattern: 'https://example.com/**', uri: 'https://example.com/a?b=/c', matched: true },
  ])('given $pattern and $uri, matches: $matched', ({ pattern, uri, matched }) => {
    expect(matches(pattern, uri)).toBe(matched)
  })

  it('given many stars and a long address, answers', () => {
    expect(matches(`x://h/${'*a'.repeat(100)}b`, `x://h/${'a'.repeat(8000)}`)).toBe(false)
  })
})
