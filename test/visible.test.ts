import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { visible } from '../src/visible.ts'

describe('visible', () => {
  it.each([
    { what: 'an escape sequence', given: '\u001b[31mred', seen: '\\u{1b}[31mred' },
    { what: 'an override of the direction', given: 'a\u202eb', seen: 'a\\u{202e}b' },
    { what: 'an isolate', given: '\u2066x\u2069', seen: '\\u{2066}x\\u{2069}' },
    { what: 'a zero-width space', given: 'a\u200bb', seen: 'a\\u{200b}b' },
    { what: 'a C1 control', given: '\u009b1m', seen: '\\u{9b}1m' },
    { what: 'a tag character', given: 'a\u{e0041}', seen: 'a\\u{e0041}' },
    { what: 'half of a pair', given: 'a\ud83d', seen: 'a\\u{d83d}' },
    { what: 'a newline', given: 'a\nhoopctl: allowed', seen: 'a\\u{a}hoopctl: allowed' },
    { what: 'a carriage return', given: 'denied\rallowed', seen: 'denied\\u{d}allowed' },
    { what: 'a line separator', given: 'a\u2028b', seen: 'a\\u{2028}b' },
  ])('given $what, shows it', ({ given, seen }) => {
    expect(visible(given)).toBe(seen)
  })

  it('given letters of any script and emoji, leaves them', () => {
    expect(visible('naïve Привет 日本語 مرحبا 😀')).toBe('naïve Привет 日本語 مرحبا 😀')
  })

  it('given characters to keep, keeps those and no others', () => {
    expect(visible('a\tb\nc\u001b', '\t\n')).toBe('a\tb\nc\\u{1b}')
  })

  it('given any text, leaves no control, format or unassigned-looking character that moves a cursor', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u)
      }),
    )
  })
})
