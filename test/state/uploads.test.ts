import { describe, expect, it } from 'vitest'
import { Uploads } from '../../src/state/uploads.ts'
import { at, newPlace, open } from './a-state.ts'

const SEGMENT = {
  destination: 'file:///a/',
  session: 'S',
  lines: 3,
  key: 'k',
  sha256: '00',
  etag: null,
  version: null,
  confirmed: at(0),
}

describe('Uploads', () => {
  it('given segments without a gap, tells where the last ends, per destination and session, also after a restart', () => {
    const place = newPlace()
    const uploads = new Uploads(open(place))
    uploads.confirm({ ...SEGMENT, line: 0, start: 0, end: 100 })
    uploads.confirm({ ...SEGMENT, line: 3, start: 100, end: 150 })
    uploads.confirm({ ...SEGMENT, line: 9, start: 300, end: 350 })
    const again = new Uploads(open(place))
    expect(again.position('file:///a/', 'S')).toEqual({ line: 6, start: 150 })
    expect(again.position('file:///a/', 'S', { line: 3, start: 100 })).toEqual({ line: 6, start: 150 })
    expect(again.position('file:///a/', 'S', { line: 6, start: 150 })).toEqual({ line: 6, start: 150 })
    again.doubt('file:///a/', 'S', 1)
    expect(again.position('file:///a/', 'S', { line: 6, start: 150 })).toEqual({ line: 0, start: 0 })
    again.believe('file:///a/', 'S')
    expect([again.position('file:///b/', 'S'), again.position('file:///a/', 'T')]).toEqual([
      { line: 0, start: 0 },
      { line: 0, start: 0 },
    ])
  })

  it('tells what no checkpoint tells of yet, of the destinations that are asked about, until it is noted as told', () => {
    const place = newPlace()
    const uploads = new Uploads(open(place))
    const one = { ...SEGMENT, line: 0, start: 0, end: 100, etag: '"e"', version: 'v1' }
    const elsewhere = { ...one, destination: 'file:///b/' }
    const next = { ...one, line: 3, start: 100, end: 150, key: 'k3' }
    for (const segment of [elsewhere, one, next]) uploads.confirm(segment)
    expect(uploads.untold(['file:///a/'], 9)).toEqual([one, next])
    expect(uploads.untold(['file:///a/', 'file:///b/'], 2)).toEqual([elsewhere, one])
    uploads.told('file:///a/', 'k')
    expect(new Uploads(open(place)).untold(['file:///a/'], 9)).toEqual([next])
    expect(uploads.confirmed('S')).toEqual([one, next, elsewhere])
  })

  it('given one twice, as by two who upload at once, keeps the first', () => {
    const uploads = new Uploads(open(newPlace()))
    uploads.confirm({ ...SEGMENT, line: 0, start: 0, end: 100 })
    uploads.confirm({ ...SEGMENT, line: 0, start: 0, end: 100, lines: 4 })
    expect(uploads.position('file:///a/', 'S')).toEqual({ line: 3, start: 100 })
  })
})
