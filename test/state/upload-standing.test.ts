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
  return { destination, ...fine, isIdle: false, look: null, ...more }
}

describe('UploadStanding', () => {
  it('given a session that begins, is fine from then on where nothing waited or nobody looked, and else as it was', () => {
    const { standing, boot } = aStanding()
    standing.begin([A, B], at(0))
    boot.ms = 9000
    standing.looked(B, { at: at(2), sessions: 0, bytes: 0 }, null)
    standing.begin([A, B], at(10))
    expect(standing.all()).toEqual([
      row(A, 0),
      row(B, 10, { fineBootMs: 9000, look: { at: at(2), sessions: 0, bytes: 0, problem: null } }),
    ])
  })

  it('given looks that find something in the way, keeps since when, and until when all was fine', () => {
    const { standing } = aStanding()
    standing.begin([A], at(0))
    standing.looked(A, { at: at(1), sessions: 2, bytes: 50 }, AWAY)
    standing.looked(A, { at: at(1.5), sessions: 2, bytes: 60 }, AWAY)
    standing.looked(A, { at: at(2), sessions: 3, bytes: 70 }, CONFLICT)
    const look = { at: at(2), sessions: 3, bytes: 70, problem: { ...CONFLICT, since: at(1) } }
    expect(standing.all()).toEqual([row(A, 0, { look })])
    standing.looked(A, { at: at(3), sessions: 1, bytes: 9 }, null)
    standing.looked(A, { at: at(4), sessions: 1, bytes: 9 }, AWAY)
    const again = { at: at(4), sessions: 1, bytes: 9, problem: { ...AWAY, since: at(4) } }
    expect(standing.all()).toEqual([row(A, 0, { look: again })])
    standing.confirmed(A, at(5))
    expect(standing.all()).toEqual([row(A, 5, { look: again })])
    standing.looked(A, { at: at(6), sessions: 0, bytes: 0 }, null)
    const last = { at: at(6), sessions: 0, bytes: 0, problem: null }
    expect(standing.all()).toEqual([row(A, 6, { isIdle: true, look: last })])
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
    standing.looked(A, { at: at(0), sessions: 1, bytes: 9 }, AWAY)
    standing.noteSpool({ bytes: 5, unended: new Map([['S', 3]]) })
    edit(place, `UPDATE upload_standing SET idle = 2, since = 'x', sessions = NULL, hint = NULL`)
    edit(place, `UPDATE upload_spool SET bytes = -1, unended = '7'`)
    const look = { at: at(0), sessions: Number.NaN, bytes: 9, problem: null }
    expect(standing.all()).toEqual([row(A, 0, { look })])
    expect(standing.spool()).toEqual({ bytes: Number.NaN, unended: new Map() })
    edit(place, `UPDATE upload_standing SET hint = 'h', looked = 'x'`)
    expect(standing.all()).toEqual([row(A, 0)])
  })
})
