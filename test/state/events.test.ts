import { describe, expect, it } from 'vitest'
import { Events } from '../../src/state/events.ts'
import { at, edit, newPlace, open } from './a-state.ts'

const request = (reason: string) => ({ kind: 'request' as const, at: at(0), fields: { grant: 'g', reason } })

describe('Events', () => {
  it('given events, another process reads those after the last that it knows, in their order', () => {
    const place = newPlace()
    const [one, other] = [new Events(open(place)), new Events(open(place))]
    expect([one.last(), one.since(0)]).toEqual([0, []])
    const first = one.append(request('ticket "7"\n\u{1f511}'))
    const second = other.append({ kind: 'sign-out', at: at(1), fields: {} })
    expect(one.since(0)).toEqual([
      { id: first, ...request('ticket "7"\n\u{1f511}') },
      { id: second, kind: 'sign-out', at: at(1), fields: {} },
    ])
    expect(one.since(first)).toEqual([{ id: second, kind: 'sign-out', at: at(1), fields: {} }])
    expect([one.last(), one.since(second)]).toEqual([second, []])
  })

  it('given more than a thousand, keeps the last thousand and never uses a number twice', () => {
    const place = newPlace()
    const state = open(place)
    const events = new Events(state)
    state.database.atomically(() => {
      for (let each = 1; each <= 1005; each += 1) events.append(request(`${each}`))
    })
    const kept = events.since(0)
    expect([kept.length, kept[0]?.fields['reason'], kept.at(-1)?.fields['reason']]).toEqual([
      1000,
      '6',
      '1005',
    ])
    edit(place, 'DELETE FROM events')
    expect(events.append(request('after'))).toBe(1006)
  })

  it('given rows that somebody else wrote, passes over what is no event', () => {
    const place = newPlace()
    const events = new Events(open(place))
    for (const values of [
      `'2026-11-05T12:00:00Z', 'unknown', '{}'`,
      `'never', 'request', '{}'`,
      `'2026-11-05T12:00:00Z', 'request', '{'`,
      `'2026-11-05T12:00:00Z', 'request', 'null'`,
      `'2026-11-05T12:00:00Z', 'request', '{"a":1,"b":"2"}'`,
    ]) {
      edit(place, `INSERT INTO events (at, kind, fields) VALUES (${values})`)
    }
    expect(events.since(0)).toEqual([{ id: 5, kind: 'request', at: at(0), fields: { b: '2' } }])
  })
})
