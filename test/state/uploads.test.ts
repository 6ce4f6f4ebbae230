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
    expect([again.position('file:///b/', 'S'), again.position('file:///a/', 'T')]).toEqual([
      { line: 0, start: 0 },
      { line: 0, start: 0 },
    ])
  })

  it('given one twice, as by two who upload at once, keeps the first', () => {
    const uploads = new Uploads(open(newPlace()))
    uploads.confirm({ ...SEGMENT, line: 0, start: 0, end: 100 })
    uploads.confirm({ ...SEGMENT, line: 0, start: 0, end: 100, lines: 4 })
    expect(uploads.position('file:///a/', 'S')).toEqual({ line: 3, start: 100 })
  })
})
