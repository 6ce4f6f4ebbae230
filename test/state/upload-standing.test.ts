import { describe, expect, it } from 'vitest'
import { UploadStanding } from '../../src/state/upload-standing.ts'
import { at, edit, newPlace, open } from './a-state.ts'

const POLICY = { name: 'acme', signed: true }
const AWAY = { code: 'UNREACHABLE', message: 'it is away', hint: 'wait' }
const CONFLICT = { code: 'UPLOAD_CONFLICT', message: 'other bytes', hint: 'look' }
const [A, B] = ['file:///a/', 'file:///b/']

function aStanding() {
  const place = newPlace()
  const state = open(place)
  const boot = { ms: 7000 }
  return { place, state, boot, standing: new UploadStanding(state, POLICY, () => boot.ms) }
}

const row = (destination: string, seconds: number, more: object = {}) => {
  const fine = { fineMs: at(seconds).getTime(), fineBootMs: 7000 }
  return { destination, ...fine, isIdle: false, problem: null, ...more }
}

describe('UploadStanding', () => {
  it('given a session that begins, is fine from then on where nothing waited or nobody looked, and else as it was', () => {
    const { standing, boot } = aStanding()
    standing.begin([A, B], at(0))
    boot.ms = 9000
    standing.looked(B, { at: at(2), isIdle: true }, null)
    standing.begin([A, B], at(10))
    expect(standing.all()).toEqual([row(A, 0), row(B, 10, { fineBootMs: 9000 })])
  })

  it('given looks that find something in the way, keeps since when, and until when all was fine', () => {
    const { standing } = aStanding()
    standing.begin([A], at(0))
    standing.looked(A, { at: at(1), isIdle: false }, AWAY)
    standing.looked(A, { at: at(1.5), isIdle: false }, AWAY)
    standing.looked(A, { at: at(2), isIdle: false }, CONFLICT)
    expect(standing.all()).toEqual([row(A, 0, { problem: { ...CONFLICT, since: at(1) } })])
    standing.looked(A, { at: at(3), isIdle: false }, null)
    expect(standing.all()).toEqual([row(A, 0)])
    standing.looked(A, { at: at(4), isIdle: false }, AWAY)
    const problem = { ...AWAY, since: at(4) }
    expect(standing.all()).toEqual([row(A, 0, { problem })])
    standing.confirmed(A, at(5))
    expect(standing.all()).toEqual([row(A, 5, { problem })])
    standing.looked(A, { at: at(6), isIdle: true }, null)
    expect(standing.all()).toEqual([row(A, 6, { isIdle: true })])
  })

  it('keeps policies apart, also one of the same name that is not signed', () => {
    const { standing, state } = aStanding()
    standing.begin([A], at(0))
    standing.noteSpool({ bytes: 5, unended: new Map([['S', 3]]) })
    expect(standing.spool()).toEqual({ bytes: 5, unended: new Map([['S', 3]]) })
    for (const policy of [
      { ...POLICY, signed: false },
      { ...POLICY, name: 'other' },
    ]) {
      const other = new UploadStanding(state, policy)
      expect([other.all(), other.spool()]).toEqual([[], { bytes: 0, unended: new Map() }])
    }
  })

  it('given rows of nonsense, reads them as what nobody can count on', () => {
    const { standing, place } = aStanding()
    standing.looked(A, { at: at(0), isIdle: false }, AWAY)
    standing.noteSpool({ bytes: 5, unended: new Map([['S', 3]]) })
    edit(place, `UPDATE upload_standing SET idle = 2, hint = NULL`)
    edit(place, `UPDATE upload_spool SET bytes = -1, unended = '7'`)
    expect(standing.all()).toEqual([row(A, 0)])
    expect(standing.spool()).toEqual({ bytes: Number.NaN, unended: new Map() })
    edit(place, `UPDATE upload_standing SET hint = 'h', since = 'x'`)
    expect(standing.all()).toEqual([row(A, 0)])
  })
})
