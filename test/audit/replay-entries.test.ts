import { describe, expect, it } from 'vitest'
import { ReplayEntries } from '../../src/audit/replay-entries.ts'
import { parsed } from '../../src/parsed.ts'
import type { LogRecord } from '../../src/audit/log-record.ts'
import { FOOTER, HEADER, linesOf, SESSION, type Written } from '../cli/replay/a-session.ts'

function entriesOf(records: readonly (Written | string)[]): ReplayEntries {
  const entries = new ReplayEntries()
  const lines = linesOf(records).trimEnd().split('\n')
  for (const [index, line] of lines.entries())
    entries.add((parsed(line) as LogRecord | undefined) ?? null, { offset: index, length: line.length })
  return entries
}

describe('ReplayEntries', () => {
  it('given a session, knows what it tells, when, of which server, and that it has an end', () => {
    const entries = entriesOf(SESSION)
    const { count, broken, hasEnded, server } = entries
    expect({ count, broken, hasEnded, server }).toEqual({
      count: 11, // all but the checkpoint, which tells nothing
      broken: 0,
      hasEnded: true,
      server: 'orders-db',
    })
    expect(entries.at(3)).toBe(Date.parse('2026-11-21T09:14:12.500Z'))
    expect(entries.stretch(10).offset).toBe(11)
  })

  it('given a place, finds the denials, approvals and contexts around it', () => {
    const entries = entriesOf(SESSION)
    const found = {
      denials: [entries.next('denial', 0), entries.next('denial', 9), entries.previous('denial', 10)],
      approvals: [entries.next('approval', -1), entries.next('approval', 5), entries.next('approval', 6)],
      before: [entries.previous('approval', 6), entries.previous('approval', 5)],
      subject: entries.previous('subject', 11),
      client: entries.previous('client', 11),
    }
    expect(found).toEqual({
      denials: [9, null, 9],
      approvals: [5, 6, null],
      before: [5, null],
      subject: 1,
      client: null,
    })
  })

  it.each([
    ['a refused line', { kind: 'refused', from: 'client', why: 'is no JSON' }],
    [
      'a refused notification',
      { kind: 'notification', from: 'server', method: 'x', decision: { effect: 'deny' } },
    ],
    ['a denial after approval was asked for', { kind: 'decision', exchange: 2, effect: 'deny' }],
  ])('given %s, takes it for a denial', (_given, record) => {
    expect(entriesOf([HEADER, { time: '09:14:08.000', ...record }]).next('denial', 0)).toBe(1)
  })

  it('given an exchange, gives the places of all that is recorded of it', () => {
    const entries = entriesOf(SESSION)
    expect([entries.exchangeOf(6), entries.exchangeOf(9), entries.exchangeOf(0)]).toEqual([
      [4, 5, 6, 7, 8],
      [9],
      [0],
    ])
  })

  it('given one exchange that a million records claim to be of, gives some of them', () => {
    const flood = Array.from(
      { length: 200 },
      (): Written => ({
        time: '09:14:08.000',
        kind: 'response',
        exchange: 1,
      }),
    )
    expect(entriesOf(flood).exchangeOf(100)).toEqual(Array.from({ length: 51 }, (_, index) => 75 + index))
  })

  it.each([
    ['a line that is no record', [HEADER, 'no record', FOOTER]],
    ['a record twice', [HEADER, linesOf([HEADER]).trim(), FOOTER]],
    ['a record behind the footer', [HEADER, FOOTER, FOOTER]],
  ])('given %s, counts it as broken', (_given, records) => {
    expect(entriesOf(records).broken).toBe(1)
  })

  it('given times that go backwards or are none, never goes back', () => {
    const entries = entriesOf([
      'no record',
      HEADER,
      { ...FOOTER, time: '09:14:01.000' },
      { ...FOOTER, time: 'noon' },
      FOOTER,
    ])
    const start = Date.parse('2026-11-21T09:14:07Z')
    const times = [0, 1, 2, 3, 4].map((place) => entries.at(place))
    expect(times).toEqual([Number.NaN, start, start, start, Date.parse('2026-11-21T09:25:46Z')])
  })
})
