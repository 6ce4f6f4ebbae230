import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { type Line, LineSplitter } from '../../src/shim/framing.ts'

const MAX_BYTES = 32

/** Splits the chunks of a stream and writes the lines as texts; one that was too long as what is known of it. */
function split(chunks: readonly Uint8Array[], maxBytes = MAX_BYTES): (string | object)[] {
  const splitter = new LineSplitter(maxBytes)
  const lines: Line[] = chunks.flatMap((chunk) => splitter.push(chunk))
  return [...lines, ...splitter.end()].map(({ kind, ...line }) =>
    kind === 'line' ? Buffer.from(line.bytes as Uint8Array).toString('latin1') : { ...line },
  )
}

const whole = (text: string) => split([Buffer.from(text, 'latin1')])

describe('LineSplitter', () => {
  it.each([
    { given: 'LF', text: 'a\nb\n', lines: ['a', 'b'] },
    { given: 'CRLF', text: 'a\r\nb\r\n', lines: ['a', 'b'] },
    { given: 'a last line without LF', text: 'a\nb', lines: ['a', 'b'] },
    { given: 'empty lines', text: '\n\na\n\r\n\nb\n\n', lines: ['a', 'b'] },
    { given: 'nothing', text: '', lines: [] },
    { given: 'a CR inside a line', text: 'a\rb\n', lines: ['a\rb'] },
    { given: 'two CRs before LF', text: 'a\r\r\n', lines: ['a\r'] },
    { given: 'a CR that ends the stream', text: 'a\r', lines: ['a\r'] },
    { given: 'bytes that are no UTF-8', text: '\xff\xfe\n\x00', lines: ['\xff\xfe', '\x00'] },
    { given: 'a line of exactly the limit', text: `${'x'.repeat(32)}\n`, lines: ['x'.repeat(32)] },
    {
      given: 'a line of exactly the limit, with CRLF',
      text: `${'x'.repeat(32)}\r\n`,
      lines: ['x'.repeat(32)],
    },
  ])('given $given, splits into $lines', ({ text, lines }) => {
    expect(whole(text)).toEqual(lines)
  })

  it('given a line of one byte too many, tells what is known of it and goes on', () => {
    const long = `{"id":7,"method":"x","pad":"${'x'.repeat(10)}"}`
    expect(whole(`a\n${long}\nb\n`)).toEqual([
      'a',
      oversize(long, { id: 7, method: 'x', response: false }),
      'b',
    ])
  })

  it('given any chunks, splits into the same lines', () => {
    const piece = fc.constantFrom(
      'a',
      '\n',
      '\r',
      '\r\n',
      'é',
      '{"id":1}',
      'x'.repeat(31),
      '{"id":2,"result":{"a":[1,2,3,4]}}',
    )
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(200), { maxLength: 8 }),
        (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(''))
          const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
          const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
          expect(split(chunks)).toEqual(split([bytes]))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('given a stream byte by byte, splits into the same lines', () => {
    const bytes = Buffer.from(`{"id":1}\r\n{"a":"é😀"}\n${'y'.repeat(40)}\nlast`)
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(split([bytes]))
  })
})

describe('a line that is too long', () => {
  it.each([
    {
      given: 'an integer id',
      text: '{"jsonrpc":"2.0","id":12,"method":"tools/call","params":{"id":3}}',
      id: 12,
      method: 'tools/call',
    },
    {
      given: 'an id behind the params',
      text: '{"params":{"id":3,"method":"x","a":[{"id":4}]},"method":"m", "id" : "a{\\"b}" }',
      id: 'a{"b}',
      method: 'm',
    },
    {
      given: 'an id whose key is escaped',
      text: `{"\\u0069d":5,"pad":"${'x'.repeat(30)}"}`,
      id: 5,
      method: null,
    },
    {
      given: 'an id that is an object',
      text: `{"id":{"id":5},"pad":"${'x'.repeat(30)}"}`,
      id: null,
      method: null,
    },
    {
      given: 'an id that is no integer',
      text: `{"id":5.5,"pad":"${'x'.repeat(30)}"}`,
      id: null,
      method: null,
    },
    {
      given: 'an id that no double holds',
      text: `{"id":9007199254740993,"pad":"${'x'.repeat(20)}"}`,
      id: null,
      method: null,
    },
    { given: 'an id of 2 KiB', text: `{"id":"${'i'.repeat(2048)}"}`, id: null, method: null },
    { given: 'a batch', text: `[{"id":5},{"id":6,"pad":"${'x'.repeat(30)}"}]`, id: null, method: null },
    { given: 'no JSON', text: 'x'.repeat(50), id: null, method: null },
    {
      given: 'an id inside a string',
      text: `{"pad":"\\"id\\":5,${'x'.repeat(30)}"}`,
      id: null,
      method: null,
    },
  ])('given $given, reads the id $id', ({ text, id, method }) => {
    expect(whole(text)).toEqual([oversize(text, { id, method, response: false })])
  })

  it.each(['result', 'error'])('given a %s, knows that it is an answer', (member) => {
    const text = `{"id":1,"${member}":{"pad":"${'x'.repeat(30)}"}}`
    expect(whole(text)).toEqual([oversize(text, { id: 1, method: null, response: true })])
  })

  it('given 100 MB of it, keeps the first KiB and the digest', () => {
    const splitter = new LineSplitter(1024)
    const chunk = Buffer.alloc(1024 * 1024, 'x')
    for (let i = 0; i < 100; i++) expect(splitter.push(chunk)).toEqual([])
    const [line] = splitter.end()
    expect(line?.kind === 'oversize' && { bytes: line.bytes, head: line.head.length }).toEqual({
      bytes: 100 * 1024 * 1024,
      head: 1024,
    })
  })
})

function oversize(text: string, envelope: object): object {
  const bytes = Buffer.from(text)
  return { bytes: bytes.length, sha256: sha256(bytes), head: bytes.subarray(0, 1024), envelope }
}
