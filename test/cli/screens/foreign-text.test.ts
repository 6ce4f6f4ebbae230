import fc from 'fast-check'
import { renderToString } from 'ink'
import { createElement } from 'react'
import { describe, expect, it } from 'vitest'
import { examine } from '../../../src/cli/approvals/examine.ts'
import { ApprovalsScreen } from '../../../src/cli/screens/approvals-screen.tsx'
import { callLines } from '../../../src/cli/screens/call-lines.ts'
import { CONTINUED, foreignText, GUTTER, inGutter } from '../../../src/cli/screens/foreign-text.ts'
import type { Line } from '../../../src/cli/screens/line.ts'
import { widthOf } from '../../../src/cli/screens/width.ts'
import { askedEntry, NOW } from '../approvals/an-asked-question.ts'

const textOf = (line: Line) => line.map(({ text }) => text).join('')

const DECEPTIVE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u
const FRAME = /[\u2500-\u259f]/u

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({
    unit: fc.constantFrom(
      '│',
      '─',
      '\u001b[2J',
      '\u202e',
      '\u200b',
      '\n',
      '\r',
      'а',
      'a',
      '\u0301',
      '日',
      '😀',
      ' ',
      '\\u{41}',
    ),
    maxLength: 200,
  }),
)

describe('text that is not ours', () => {
  it('[ATK-DECEPTION] given any text, no line of it has a character that deceives or one of frames, and each begins with the gutter', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 30, max: 200 }), fc.nat(20), (text, width, indent) => {
        for (const line of inGutter(text, width, indent).map(textOf)) {
          const begin = line.slice(0, GUTTER.length)
          expect([GUTTER, CONTINUED]).toContain(begin)
          expect(line.slice(begin.length)).not.toMatch(DECEPTIVE)
          expect(line.slice(begin.length)).not.toMatch(FRAME)
          expect(widthOf(line)).toBeLessThanOrEqual(width)
        }
      }),
    )
  })

  it('given any call, each line of what it says of itself stands behind the gutter, as it is drawn', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), anyText, anyText, (value, who, note) => {
        const entry = askedEntry({
          args: JSON.stringify({ value }),
          email: who,
          client: who,
          note,
          earlier: [{ at: who, what: note, effect: who }],
        })
        const examined = examine(entry, { kind: 'none', why: 'no' }, NOW)
        const lines = callLines(examined, { width: 60, all: false, now: NOW })
        const drawn = renderToString(createElement(ApprovalsScreen, { lines, colour: false }), {
          columns: 60,
        })
        const ours = drawn.split('\n').filter((line) => !/^[│┆⋮]/u.test(line))
        expect(ours.join('\n')).not.toMatch(/[^\n -~…’]/u)
        expect(drawn.split('\n').map((line) => line.trimEnd())).toEqual(
          lines.map((line) => textOf(line).trimEnd()),
        )
        expect(drawn.replaceAll('\n', '')).not.toMatch(DECEPTIVE)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['an override', 'a\u202eb', 'a\\u{202e}b'],
    ['an escape sequence', '\u001b[31m', '\\u{1b}[31m'],
    ['a frame', '│ ok', '\\u{2502} ok'],
    ['a look-alike', 'p\u0430y', 'p\\u{430}y'],
    ['accents in a heap', 'e\u0302\u0303\u0304', 'e\\u{302}\u0303\\u{304}'],
    ['what is only another script', 'привет 日本語', 'привет 日本語'],
  ])('given %s, writes it so that it is seen', (_given, text, seen) => {
    expect(foreignText(text)).toBe(seen)
  })
})
