import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RecordedSession } from '../../../src/audit/recorded-session.ts'
import { detailLines } from '../../../src/cli/replay/detail-lines.ts'
import { progressBar } from '../../../src/cli/replay/progress-bar.ts'
import { replayLines } from '../../../src/cli/replay/replay-lines.ts'
import { firstState, type Replayed, type ReplayState } from '../../../src/cli/replay/state.ts'
import type { Line } from '../../../src/cli/screens/line.ts'
import { widthOf } from '../../../src/cli/screens/width.ts'
import { HEADER, homeWith, linesOf, SESSION } from './a-session.ts'
import { HOSTILE } from './hostile-session.ts'
import { knownOf } from './known.ts'

function replayedOf(lines: string): Replayed {
  const recorded = new RecordedSession(homeWith(lines).path)
  onTestFinished(() => recorded.close())
  recorded.readOn(() => false)
  return {
    number: 17,
    verify: 'hoopctl sessions verify 17',
    recorded,
    entries: recorded.entries,
    isRead: true,
    end: 'unknown',
  }
}

function drawn(
  replayed: Replayed,
  state: Partial<ReplayState> = {},
  size: { columns?: number; rows?: number } = {},
) {
  const details = (place: number, sight: Parameters<typeof detailLines>[2]) =>
    detailLines(place, replayed, sight)
  const around = { columns: 80, rows: 24, isReader: false, details, ...size }
  return replayLines({ ...firstState(), ...state }, replayed, around).lines
}

const textOf = (line: Line) => line.map(({ text }) => text).join('')
const texts = (lines: readonly Line[]) => lines.map((line) => textOf(line).trimEnd())

describe('replayLines', () => {
  it('given a session at its denial, shows what had happened by then, and nothing after it', () => {
    const shown = texts(drawn(replayedOf(linesOf(SESSION)), { place: 9 }))
    expect(shown.slice(0, 2)).toEqual([
      'hoopctl replay: session 17, orders-db   not verified: hoopctl sessions verify 17',
      'paused 1x  10 of 11, record 9  2026-11-21 09:15:00Z  53s of 11m 39s',
    ])
    expect(shown.slice(-6, -3)).toEqual([
      '> │ 09:15:00.000 #3  tools/call drop_table                              record 9',
      '  │                 {"table":"orders"}',
      '  │                 denied by rules.no-ddl: one denies',
    ])
    expect(shown.join('\n')).not.toContain('ended: the client closed')
  })

  it('given ten minutes in which nothing happened, says so between the two entries', () => {
    expect(texts(drawn(replayedOf(linesOf(SESSION)), { place: 10 }))).toContain('⋮   10m 46s later')
  })

  it('given that it plays through a long gap, says that it is shortened, and lets the clock run', () => {
    const state = { place: 9, playing: true, waitedMs: 2500 }
    const shown = texts(drawn(replayedOf(linesOf(SESSION)), state))
    expect(shown[1]).toBe('playing 1x  10 of 11, record 9  2026-11-21 09:20:23Z  6m 16s of 11m 39s')
    expect(shown.at(-3)).toMatch(/^── a gap of 10m 46s is shortened to 5s ─/u)
  })

  it('given a log with a line that is no record, says so, and that `verify` tells whether to believe it', () => {
    const replayed = replayedOf(`${linesOf(SESSION.slice(0, 3))}no record\n`)
    expect(texts(drawn(replayed, { place: 3 })).slice(1, 3)).toEqual([
      '! 1 broken line in the log: hoopctl sessions verify 17 tells whether to believe',
      'it',
    ])
    expect(texts(drawn(replayed, { place: 3 }))).toContain(
      '> │             a line that is no record                                record 3',
    )
    expect(texts(drawn(replayed, { place: 3 }, { columns: 40 }))).toContain(
      '! 1 broken line: hoopctl sessions verify',
    )
  })

  it('given an entry that is longer than the screen, shows its beginning and says that there is more', () => {
    const why = 'because '.repeat(200)
    const replayed = replayedOf(
      linesOf([HEADER, { time: '09:14:08.000', kind: 'refused', from: 'client', why }]),
    )
    const shown = texts(drawn(replayed, { place: 1 }, { rows: 12 }))
    expect(shown[3]).toMatch(/^> │ 09:14:08.000 a line from the client was refused: because/u)
    expect(shown.at(-4)).toBe('⋮ it goes on: Return shows all of it')
  })

  it('given a log with checkpoints, which are no entries, and a narrow screen, says the record’s number at the top', () => {
    const checkpoint = { time: '09:14:08.000', kind: 'checkpoint' }
    const replayed = replayedOf(linesOf([HEADER, checkpoint, checkpoint, ...SESSION.slice(2, 4)]))
    const [, wide = '', ...rest] = texts(drawn(replayed, { place: 1 }))
    expect(wide).toMatch(/^paused 1x {2}2 of 3, record 3 {2}2026/u)
    expect(rest.findLast((line) => line.startsWith('>'))).toMatch(/ read_order {2,}record 3$/u)
    const [, narrow, , ...lines] = texts(drawn(replayed, { place: 1 }, { columns: 44 }))
    expect(narrow).toBe('paused 1x  2 of 3, record 3')
    expect(lines.join('\n')).not.toContain('record 3')
  })

  it('given an empty log, says that there is no entry', () => {
    expect(texts(drawn(replayedOf('')))[1]).toBe('paused 1x  no entry   at no known time')
  })

  it('given what was looked for, makes it stand out in whatever case', () => {
    const search = { text: 'for dORA', by: 1 } as const
    const lines = drawn(replayedOf(linesOf(SESSION)), { place: 3, view: 'details', search }, { rows: 40 })
    const marked = lines.slice(7).flatMap((line) => line.filter(({ tone }) => tone === 'chosen'))
    expect(marked.map(({ text }) => text)).toEqual(['for Dora'])
  })

  it('given that something was looked for, says by which keys one goes on and back', () => {
    const foot = (state: Partial<ReplayState>, columns = 80) =>
      texts(drawn(replayedOf(linesOf(SESSION)), state, { columns }))
        .slice(-2)
        .join(' ')
    const search = { text: 'dora', by: 1 } as const
    expect([foot({}), foot({ search }), foot({ search }, 40)].map((text) => text.includes('n N'))).toEqual([
      false,
      true,
      true,
    ])
  })

  it('given any size and any place, has as many lines as the terminal, none wider than it', () => {
    const session = replayedOf(linesOf(SESSION))
    const hostile = replayedOf(HOSTILE)
    const views = fc.constantFrom('timeline', 'details', 'help' as const)
    const place = fc.integer({ min: 0, max: 10 })
    const size = { columns: fc.integer({ min: 30, max: 130 }), rows: fc.integer({ min: 12, max: 50 }) }
    fc.assert(
      fc.property(
        views,
        place,
        fc.record(size),
        fc.boolean(),
        fc.boolean(),
        (view, at, room, all, isHostile) => {
          const replayed = isHostile ? hostile : session
          const state = { view, all, place: Math.min(at, replayed.entries.count - 1) } as const
          const lines = drawn(replayed, state, room)
          expect(lines).toHaveLength(room.rows)
          expect(lines.filter((line) => widthOf(textOf(line)) > room.columns).map(textOf)).toEqual([])
        },
      ),
    )
  })
})

describe('details', () => {
  const inDetails = (lines: string, place: number, all = false) => {
    const replayed = replayedOf(lines)
    return texts(detailLines(place, replayed, { width: 80, all }))
  }

  it('given a call, shows all that is recorded of its exchange: who, decision, facts, arguments, result', () => {
    expect(inDetails(linesOf(SESSION), 2)).toEqual([
      '> │ 09:14:12.000 #1  tools/call read_order                              record 2',
      '  │                 {"id":1041}',
      '  │                 allowed by rules.reads: all allow',
      '  │ 09:14:12.500 #1  answered in 6.1 ms, 2.0 KiB                        record 3',
      'Arguments',
      '  │ {',
      '  │   "id": 1041',
      '  │ }',
      'Facts',
      '  │ {',
      '  │   "rows": {',
      '  │     "most": 9007199254740993',
      '  │   }',
      '  │ }',
      'Result',
      '  │ {',
      '  │   "content": [',
      '  │     {',
      '  │       "type": "text",',
      '  │       "text": "Order 1041: 3 lamps, paid, for Dora"',
      '  │     }',
      '  │   ]',
      '  │ }',
      'Who, and under what',
      '  │ subject     alice@acme.example, signed in at https://login.acme.example;',
      '  ┆ groups: support',
      '  │ policy      acme version 42, signed; digest 8234abcd8234',
      '  │ grants      none active',
    ])
  })

  it('given an approval, shows what came before and after it, and marks it', () => {
    const shown = inDetails(linesOf(SESSION), 6)
    expect(shown.filter((line) => line.startsWith('> '))).toEqual([
      '> │ 09:14:42.000 #2  approval A-7K2P9QXM is approved by bob@acme.example of',
    ])
    expect(shown).toContain('  │   "note": "the lamps arrived broken"')
    expect(shown).toContain('  │       "text": "refunded"')
  })

  it('given a wish for all, shows the records whole, as they stand in the log', () => {
    const shown = inDetails(linesOf(SESSION), 9, true)
    expect(shown).toContain('Record 9, as it stands in the log')
    expect(shown).toContain('  │       "name": "drop_table",')
    expect(shown).toContain('  │   "sha256": "ab",')
  })

  const recordOf = (members: string) => `${linesOf([HEADER])}{"seq":1,"kind":"response",${members}}\n`

  it.each([
    ['that was not recorded', '"bytes":9', 'Of the message, only its size and digest are recorded.'],
    ['recorded in part', '"bytes":9,"head":"a\\nb"', '  │ a\\u{a}b'],
    ['with an error', '"bytes":9,"message":{"error":{"code":-3}}', '  │   "code": -3'],
  ])('given a message %s, shows what there is', (_given, members, line) => {
    expect(inDetails(recordOf(members), 1)).toContain(line)
  })

  it('given a refused line, shows its first part, which is in base64', () => {
    const head = Buffer.from('\u001b[2Jhello').toString('base64')
    const lines = linesOf([
      HEADER,
      { time: '09:14:08.000', kind: 'refused', from: 'client', why: 'x', bytes: 9, head },
    ])
    expect(inDetails(lines, 1)).toContain('  │ \\u{1b}[2Jhello')
  })

  it('given a key that stands twice, shows the whole record: nobody knows which one counts', () => {
    const shown = inDetails(recordOf('"message":{"result":"good","result":"bad"}'), 1)
    expect(shown).toContain('The record, in which a key stands twice')
    expect(shown.join('')).toMatch(/"result": "good",.*"result": "bad"/u)
  })

  it('given a message that is nested as deep as it likes, shows its text', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const shown = inDetails(recordOf(`"message":{"result":${deep}}`), 1)
    expect(shown).toContain('  ⋮ 198,000 characters not shown: v shows more')
  })
})

describe('progressBar', () => {
  const bar = (place: number, at: readonly string[], width: number) => {
    const line = progressBar(place, knownOf(at).entries, width)
    return [textOf(line), line.findIndex(({ tone }) => tone === 'chosen')]
  }

  it('given fewer entries than columns, shows where each denial and approval is, and how far one is', () => {
    expect(bar(2, ['0', '1d', '2', '3a', '4'], 10)).toEqual(['━━x━──a───', 3])
    expect(bar(4, ['0', '1d', '2', '3a', '4'], 10)[0]).toBe('━━x━━━a━━━')
  })

  it('given more entries than columns, shows a denial wherever one of a column’s entries is one', () => {
    const many = Array.from({ length: 100 }, (_, index) => (index === 57 ? '1d' : index === 58 ? '1a' : '1'))
    expect(bar(0, many, 10)[0]).toBe('─────x────')
    expect(bar(99, many, 10)[0]).toBe('━━━━━x━━━━')
  })

  it('given any place, the cursor is on the bar', () => {
    const entries = fc.integer({ min: 0, max: 300 })
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 10, max: 120 }), (count, nat, width) => {
        const known = knownOf(Array.from({ length: count }, () => '1'))
        const line = progressBar(count === 0 ? 0 : nat % count, known.entries, width)
        expect(widthOf(textOf(line))).toBe(width)
        expect(line.filter(({ tone }) => tone === 'chosen').map(({ text }) => text.length)).toEqual([1])
      }),
    )
  })
})
