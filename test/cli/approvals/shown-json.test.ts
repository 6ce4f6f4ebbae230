import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joined } from '../../../src/cli/approvals/pretty-json.ts'
import { editableJson, shownJson } from '../../../src/cli/approvals/shown-json.ts'

const shown = (text: string, all = false) =>
  shownJson(text, all).map(
    ({ depth, text: line, folded }) => `${folded ? '#' : ' '}${'  '.repeat(depth)}${line}`,
  )

describe('shownJson', () => {
  it('given numbers and keys, leaves both as they were written and where they stood', () => {
    expect(shown('{"b":9007199254740993,"a":1.50,"c":[1e400,-0],"d":{},"e":[]}')).toEqual([
      ' {',
      '   "b": 9007199254740993,',
      '   "a": 1.50,',
      '   "c": [',
      '     1e400,',
      '     -0',
      '   ],',
      '   "d": {},',
      '   "e": []',
      ' }',
    ])
  })

  it('given a string with needless escapes, shows the letters', () => {
    expect(shown('{"c":"\\u0072\\u006d -rf \\/"}')).toEqual([' {', '   "c": "rm -rf /"', ' }'])
  })

  it('given quotes and backslashes in a string, shows them so that it cannot end early', () => {
    expect(shown('{"a":"x\\",\\n\\"b\\": \\"\\\\"}')).toEqual([
      ' {',
      '   "a": "x\\",\\n',
      '     \\"b\\": \\"\\\\"',
      ' }',
    ])
  })

  it('given a long line, says how much of it is folded, and shows its end', () => {
    expect(shown(`["${'x'.repeat(1000)}tail"]`)[2]).toBe('#    604 characters not shown')
    expect(shown(`["${'x'.repeat(1000)}tail"]`)[3]).toMatch(/x{96}tail"$/u)
  })

  it('given thousands of blank lines, says how many, and shows what stands behind them', () => {
    expect(shown(`["a${'\\n'.repeat(3000)}b"]`)).toEqual([
      ' [',
      '   "a\\n',
      '#    2,999 blank lines not shown',
      '     b"',
      ' ]',
    ])
  })

  it('given many lines, counts the folded ones, blank runs among them', () => {
    const text = Array.from({ length: 40 }, (_, index) =>
      index === 20 ? 'x\\n\\n\\n\\n\\n\\n' : `line ${index}`,
    ).join('\\n')
    expect(shown(`["${text}"]`).filter((line) => line.startsWith('#'))).toEqual(['#    28 lines not shown'])
  })

  it('given many entries in a list, says how many are folded; given many arguments, folds none', () => {
    const list = JSON.stringify({ list: Array.from({ length: 100 }, (_, index) => index) })
    expect(shown(list).filter((line) => line.startsWith('#'))).toEqual(['#    82 entries not shown'])
    const many = JSON.stringify(
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, index])),
    )
    expect(shown(many)).toHaveLength(102)
  })

  it('given any value and all, shows a text that parses to that value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const unbroken = shownJson(text, true).map((line) => line.text)
        expect(JSON.parse(unbroken.join(''))).toEqual(JSON.parse(text))
      }),
    )
  })
})

describe('editableJson', () => {
  it('given any value, writes a text that parses to it and hides nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = joined(editableJson(JSON.stringify(value)))
        expect(text).not.toMatch(/[\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})
