import { describe, expect, it } from 'vitest'
import { VersionMarks } from '../../src/state/version-marks.ts'
import { newPlace, open } from './a-state.ts'

describe('VersionMarks', () => {
  it('given versions and contents, tells new, same, older and differing ones; a check marks nothing', () => {
    const marks = new VersionMarks(open(newPlace()))
    expect([marks.check('k', 7, 'a'), marks.check('k', 6, 'b')]).toEqual(['new', 'new'])
    expect(marks.raise('k', 7, 'a')).toBe('new')
    expect(['6a', '7a', '7b', '8b'].map((text) => marks.check('k', Number(text[0]), text.slice(1)))).toEqual([
      'older',
      'same',
      'differs',
      'new',
    ])
    expect(marks.check('other', 1, 'a')).toBe('new')
  })

  it('given a raise that another process came before, tells how it compares now, and lowers nothing', () => {
    const place = newPlace()
    const [one, other] = [new VersionMarks(open(place)), new VersionMarks(open(place))]
    expect(one.check('k', 7, 'a')).toBe('new')
    other.raise('k', 8, 'b')
    expect([one.raise('k', 7, 'a'), one.raise('k', 8, 'a'), one.raise('k', 8, 'b')]).toEqual([
      'older',
      'differs',
      'same',
    ])
    expect(other.check('k', 8, 'b')).toBe('same')
  })

  it('given a trust document’s minVersion, it replaces the mark, up and down, and only when it is new', () => {
    const marks = new VersionMarks(open(newPlace()))
    marks.raise('k', 2_000_000_000, 'by mistake')
    expect(marks.trustNumber('k')).toBeNull()
    expect(marks.raiseTrust('k', 2, 't2', 5)).toBe('new')
    expect([marks.check('k', 4, 'x'), marks.check('k', 5, 'x'), marks.check('k', 6, 'x')]).toEqual([
      'older',
      'new',
      'new',
    ])
    marks.raise('k', 8, 'x')
    expect(marks.raiseTrust('k', 2, 't2', 5)).toBe('same')
    expect(marks.check('k', 7, 'x')).toBe('older')
    expect(marks.raiseTrust('k', 3, 't3', 10)).toBe('new')
    expect([marks.check('k', 8, 'x'), marks.check('k', 10, 'y')]).toEqual(['older', 'new'])
    expect([marks.raiseTrust('k', 4, 't4', null), marks.check('k', 9, 'y')]).toEqual(['new', 'older'])
  })

  it('given trust documents, tells the highest number, and what is older or differs', () => {
    const place = newPlace()
    const marks = new VersionMarks(open(place))
    marks.raiseTrust('k', 3, 't3', null)
    expect([marks.raiseTrust('k', 2, 't2', 1), marks.raiseTrust('k', 3, 'other', 1)]).toEqual([
      'older',
      'differs',
    ])
    expect([marks.checkTrust('k', 3, 't3'), marks.checkTrust('k', 4, 't4')]).toEqual(['same', 'new'])
    expect(new VersionMarks(open(place)).trustNumber('k')).toBe(3)
    expect(marks.check('k', 1, 'x')).toBe('new')
  })

  it('given a reset, any policy of that version is new, and lower ones are older', () => {
    const marks = new VersionMarks(open(newPlace()))
    marks.raise('k', 9, 'a')
    marks.reset('k', 3)
    expect([marks.check('k', 2, 'a'), marks.raise('k', 3, 'b'), marks.check('k', 3, 'c')]).toEqual([
      'older',
      'new',
      'differs',
    ])
  })
})
