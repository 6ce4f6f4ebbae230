import { expect, it } from 'vitest'
import { countUnseen, replaceUnseen, unseenAt } from '../src/unseen.ts'

it.each([
  ['an escape', '\u001b'],
  ['a bidirectional override', '\u202e'],
  ['a zero-width space', '\u200b'],
  ['a space that does not break', '\u00a0'],
  ['a wide space', '\u3000'],
  ['a variation selector', '\ufe0f'],
  ['a tag', '\u{e0041}'],
  ['a private character', '\ue0b0'],
  ['an unassigned one', '\u{1ffff}'],
  ['half of a pair', '\ud800'],
  ['blank Braille', '\u2800'],
  ['a Hangul filler', '\u3164'],
])('given %s, finds it and replaces it', (_given, character) => {
  const text = `ab${character}c`
  expect([unseenAt(text), countUnseen(text), replaceUnseen(text, () => '?')]).toEqual([[2], 1, 'ab?c'])
})

it('given what can be seen, finds nothing', () => {
  expect(unseenAt('a b – é 日本語 مرحبا 😀')).toEqual([])
})

it('given line breaks and tabs, counts none', () => {
  expect(countUnseen('a\r\n\tb')).toBe(0)
})
