import { appendFileSync, truncateSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RecordedSession } from '../../src/audit/recorded-session.ts'
import { readRecords } from '../../src/audit/log-record.ts'
import { timeline } from '../../src/audit/timeline.ts'
import { FOOTER, HEADER, homeWith, linesOf, SESSION } from '../cli/replay/a-session.ts'

function recorded(lines: string) {
  const { path } = homeWith(lines)
  const session = new RecordedSession(path)
  onTestFinished(() => session.close())
  return { path, session }
}

const whole = () => false

describe('RecordedSession', () => {
  it('given a log, tells of its entries, place by place, what `sessions show` tells', () => {
    const { path, session } = recorded(linesOf(SESSION))
    expect(session.readOn(whole)).toBe(true)
    const told = Array.from({ length: session.entries.count }, (_, place) => session.told(place)).flat()
    expect(told).toEqual([...timeline(readRecords(path, 'with'))])
  })

  it('given that one line is enough, reads one at a time, and goes on where it was', () => {
    const { session } = recorded(linesOf(SESSION))
    const seen: number[] = []
    while (!session.readOn(() => true)) seen.push(session.entries.count)
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 11])
    expect(session.progress).toBe(1)
  })

  it('given a log that grows, reads on; half a line is none until it is whole', () => {
    const lines = linesOf(SESSION)
    const cut = lines.length - 20
    const { path, session } = recorded(lines.slice(0, cut))
    expect([session.readOn(whole), session.entries.count, session.entries.hasEnded]).toEqual([
      true,
      10,
      false,
    ])
    appendFileSync(path, lines.slice(cut))
    expect([session.readOn(whole), session.entries.count, session.entries.hasEnded]).toEqual([true, 11, true])
    expect(session.entries.broken).toBe(0)
  })

  it('given a log that was cut since, tells that there is no record any more', () => {
    const { path, session } = recorded(linesOf(SESSION))
    session.readOn(whole)
    truncateSync(path, 10)
    expect(session.text(9)).toBe('')
    expect(session.told(9)).toEqual([
      { text: '            a line that is no record', tone: 'bad', record: 'record 9' },
    ])
  })

  it('given very long texts and lists, cuts what it tells of them', () => {
    const why = 'x'.repeat(100_000)
    const each = Array.from({ length: 1000 }, () => ({ rule: 'r' }))
    const records = [
      HEADER,
      { time: '09:14:08.000', kind: 'refused', from: 'client', why },
      { time: '09:14:08.000', kind: 'approval', approval: 'A-7K2P9QXM', state: 'waiting', demand: { each } },
    ]
    const { session } = recorded(linesOf(records))
    session.readOn(whole)
    expect(session.told(1).map(({ text }) => text.length)).toEqual([1001])
    expect(session.told(2)).toHaveLength(40)
  })

  it('given a place, says who it was then', () => {
    const later = { time: '09:14:30.000', kind: 'context', cause: 'change', subject: null }
    const { session } = recorded(linesOf([...SESSION.slice(0, 5), later, FOOTER]))
    session.readOn(whole)
    const policy = { name: 'acme', version: 42, digest: '8234abcd8234abcd', signed: true }
    const alice = SESSION[1]?.['subject']
    expect([session.contextAt(0), session.contextAt(1), session.contextAt(6)]).toEqual([
      {},
      { subject: alice, policy, grants: [] },
      { subject: null, policy, grants: [] },
    ])
  })

  it.each([
    ['the words of the timeline', 'denied by rules.no-ddl', 9, 'told'],
    ['arguments', 'broken', 4, 'told'],
    ['a result', 'for dora', 3, 'inside'],
    ['facts', '9007199254740993', 2, 'inside'],
  ] as const)('given a text of %s, finds it', (_given, text, place, where) => {
    const { session } = recorded(linesOf(SESSION))
    session.readOn(whole)
    const hits = Array.from({ length: session.entries.count }, (_, at) => session.whereIn(at, text))
    expect(hits.flatMap((hit, at) => (hit === null ? [] : [[at, hit]]))).toEqual([[place, where]])
  })

  it('given a text that stands with escapes, and one that stands in a line that is no record, finds both', () => {
    const message = '{"params":{"arguments":{"to":"\\u0064ora\\n"}}}'
    const request = `{"seq":1,"kind":"request","from":"client","exchange":1,"method":"m","head":"say \\"hi\\"","message":${message}}`
    const { session } = recorded(linesOf([HEADER, request, 'half a Line']))
    session.readOn(whole)
    expect([
      session.whereIn(1, 'dora\n'),
      session.whereIn(1, 'say "hi"'),
      session.whereIn(2, 'half a line'),
      session.whereIn(2, 'dora'),
    ]).toEqual(['inside', 'inside', 'inside', null])
  })
})
