import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeMessage, HEAD_BYTES } from '../../src/audit/payload.ts'
import { sha256 } from '../../src/digest.ts'

const WHOLE = { maxBytes: 4096, requests: 'whole', results: 'whole' } as const

const headOf = (introduction: string): unknown => JSON.parse(introduction.replace(/^,"head":/, ''))

describe('describeMessage', () => {
  it('given a message of the largest size, embeds it; given one byte more, its first part', () => {
    const bytes = Buffer.from(`"${'x'.repeat(4094)}"`)
    const larger = Buffer.from(`"${'x'.repeat(4095)}"`)
    expect(describeMessage({ bytes, payload: 'requests' }, WHOLE, false)).toEqual({
      digest: `,"bytes":4096,"sha256":"${sha256(bytes)}"`,
      introduction: ',"message":',
      embedded: bytes,
    })
    expect(describeMessage({ bytes: larger, payload: 'requests' }, WHOLE, false)).toEqual({
      digest: `,"bytes":4097,"sha256":"${sha256(larger)}"`,
      introduction: `,"head":${JSON.stringify(larger.toString().slice(0, HEAD_BYTES))}`,
      embedded: null,
    })
  })

  it('given `digest` for results, records results by digest alone and requests whole', () => {
    const bytes = Buffer.from('{"secret":1}')
    const settings = { ...WHOLE, results: 'digest' } as const
    const digest = `,"bytes":12,"sha256":"${sha256(bytes)}"`
    expect(describeMessage({ bytes, payload: 'results' }, settings, false)).toEqual({
      digest,
      introduction: '',
      embedded: null,
    })
    expect(describeMessage({ bytes, payload: 'results' }, settings, true).introduction).toBe('')
    expect(describeMessage({ bytes, payload: 'requests' }, settings, false).embedded).toBe(bytes)
  })

  it('given what a person typed, records it by digest alone, whatever the settings say', () => {
    const bytes = Buffer.from('{"pin":1}')
    const digest = `,"bytes":9,"sha256":"${sha256(bytes)}"`
    for (const raw of [false, true]) {
      const described = describeMessage({ bytes, payload: 'none' }, WHOLE, raw)
      expect(described).toEqual({ digest, introduction: '', embedded: null })
    }
  })

  it('given text of any characters, cuts between them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 600, maxLength: 1400 }), (text) => {
        const bytes = Buffer.from(text)
        const { introduction } = describeMessage(
          { bytes, payload: 'results' },
          { ...WHOLE, maxBytes: 0 },
          false,
        )
        const head = String(headOf(introduction))
        expect(text.startsWith(head)).toBe(true)
        expect(Buffer.byteLength(head)).toBeGreaterThan(Math.min(bytes.length, HEAD_BYTES) - 4)
      }),
    )
  })

  it('given a message that was only measured, records what was measured', () => {
    const measured = { length: 70_000_000, sha256: 'ab'.repeat(32), payload: 'requests' } as const
    const head = Buffer.from('{"é').subarray(0, 3)
    expect(describeMessage({ ...measured, head }, WHOLE, false)).toEqual({
      digest: `,"bytes":70000000,"sha256":"${'ab'.repeat(32)}"`,
      introduction: ',"head":"{\\""',
      embedded: null,
    })
    expect(describeMessage({ ...measured, head }, WHOLE, true).introduction).toBe(
      `,"head":"${head.toString('base64')}"`,
    )
  })

  it('given what is refused, records its first part in base64, whatever it is', () => {
    const bytes = Buffer.alloc(5000, 0xfe)
    const { introduction } = describeMessage({ bytes, payload: 'requests' }, WHOLE, true)
    expect(Buffer.from(String(headOf(introduction)), 'base64')).toEqual(bytes.subarray(0, HEAD_BYTES))
  })
})
