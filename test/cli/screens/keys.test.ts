import { describe, expect, it } from 'vitest'
import { KeyReader } from '../../../src/cli/screens/keys.ts'

const read = (...events: readonly string[]) => {
  const reader = new KeyReader()
  return events.flatMap((event) => reader.read(Buffer.from(event)))
}
const character = (text: string, alone: boolean) => ({ name: 'character', text, alone })

describe('KeyReader', () => {
  it.each([
    ['\u001b[A', 'up'],
    ['\u001bOB', 'down'],
    ['\u001b[C', 'right'],
    ['\u001bOD', 'left'],
    ['\u001b[5~', 'page-up'],
    ['\u001b[6~', 'page-down'],
    ['\u001b[H', 'home'],
    ['\u001b[F', 'end'],
    ['\r', 'return'],
    ['\u001b', 'escape'],
    ['\u007f', 'backspace'],
    ['\u0003', 'interrupt'],
    ['\u001b[15~', 'other'],
    ['\u0001', 'other'],
  ])('given %j, reads %s', (event, name) => {
    expect(read(event)).toEqual([{ name, text: '', alone: true }])
  })

  it('given one character in an event, it is alone, also one of several bytes in two events', () => {
    expect(read('a')).toEqual([character('a', true)])
    const reader = new KeyReader()
    const bytes = Buffer.from('é')
    expect([...reader.read(bytes.subarray(0, 1)), ...reader.read(bytes.subarray(1))]).toEqual([
      character('é', true),
    ])
  })

  it.each([
    ['two characters', 'aa'],
    ['a character behind an arrow', '\u001b[Aa'],
    ['a character before Return', 'a\r'],
    ['a character behind Escape', '\u001ba'],
  ])('given %s in one event, none is alone', (_given, event) => {
    expect(read(event).map(({ alone }) => alone)).toEqual([false, false])
  })

  it('given a marked paste, even of one character and over several events, nothing in it is alone', () => {
    expect(read('\u001b[200~', 'a', '\r', '\u001b[201~', 'b')).toEqual([
      character('a', false),
      { name: 'return', text: '', alone: false },
      character('b', true),
    ])
  })

  it('given a sequence that is cut in two, reads no character out of its rest', () => {
    expect(read('\u001b[', 'a')).toEqual([{ name: 'other', text: '', alone: true }])
  })
})
