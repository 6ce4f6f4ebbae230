import { describe, expect, it } from 'vitest'
import { lookAlikes } from '../src/look-alike.ts'

const marked = (text: string) => lookAlikes(text).map(({ at, length }) => text.slice(at, at + length))

describe('lookAlikes', () => {
  it.each([
    ['a Cyrillic letter in a Latin word', 'p\u0430ypal', ['\u0430']],
    ['a Greek letter in a Latin word', 'g\u03bfogle.com', ['\u03bf']],
    ['a Latin letter in a Cyrillic word', '\u0444\u0430\u0439p\u044b', ['p']],
    [
      'a word of Cyrillic letters that look Latin, in a Latin text',
      'open \u0441\u043e\u0440\u0435',
      ['\u0441', '\u043e', '\u0440', '\u0435'],
    ],
    ['a full-width letter', '\uff52m -rf', ['\uff52']],
    ['a mathematical letter', '\u{1d42b}m', ['\u{1d42b}']],
    ['a slash of mathematics', '/etc\u2215passwd', ['\u2215']],
    ['a hyphen that is none', 'rm \u2010rf', ['\u2010']],
    ['a semicolon of Greek', 'a\u037e b', ['\u037e']],
    ['an accent apart from its letter', 'cafe\u0301', ['\u0301']],
  ])('given %s, finds it', (_given, text, found) => {
    expect(marked(text)).toEqual(found)
  })

  it.each([
    ['plain ASCII', 'rm -rf /'],
    ['German', 'Größe der Datei'],
    ['Russian, with words of letters that look Latin', 'Привет, мир: он и она, сор'],
    ['Russian behind the escape of a line break', '\\nпривет'],
    ['Japanese with Latin letters in a word', 'Tシャツを買う'],
    ['Greek', 'Καλημέρα κόσμε'],
    ['Hindi', 'नमस्ते'],
    ['dashes and quotes of typography', 'a – b — “c” ‘d’ …'],
  ])('given %s, finds nothing', (_given, text) => {
    expect(marked(text)).toEqual([])
  })
})
