import { describe, expect, it } from 'vitest'
import { harmless } from '../src/harmless-json.ts'

describe('a JSON text that a terminal shows', () => {
  it('given what could deceive, escapes it, so that the value stays', () => {
    const text = '{"to":"a\u202eb\u{e0041}\ud800é"}'
    expect(harmless(text)).toBe('{"to":"a\\u202eb\\udb40\\udc41\\ud800é"}')
    expect(JSON.parse(harmless(text))).toEqual(JSON.parse(text))
  })

  it('given tabs and line ends between tokens, leaves valid JSON on one line', () => {
    expect(harmless('{\t"a":\r\n1}')).toBe('{ "a":  1}')
  })
})
