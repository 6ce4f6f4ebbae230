import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Segment, segmentsOf } from '../../../src/audit/upload/segments.ts'
import { sha256 } from '../../../src/digest.ts'
import { exchange, FOOTER, newState, openLog, temporaryDirectory } from '../a-log.ts'

const START = { line: 0, start: 0 }
const bytesOf = (segments: readonly Segment[]) => Buffer.concat(segments.map(({ bytes }) => bytes))
const after = ({ line, lines, end }: Segment) => ({ line: line + lines, start: end })
const record = (seq: number, kind: string, more = '') =>
  `{"seq":${seq},"at":"t","kind":"${kind}"${more},"x":1}\n`

function logOf(text: string): string {
  const path = join(temporaryDirectory(), 'log.jsonl')
  writeFileSync(path, text)
  return path
}

describe('segmentsOf', () => {
  it('given a session that runs, cuts behind each checkpoint; given its end, behind the footer', () => {
    const log = openLog(newState())
    for (let number = 1; number <= 200; number++) exchange(log, number)
    const running = [...segmentsOf(log.path, START, false)]
    expect(running.map(({ line, lines, start }) => [line, lines, start])).toEqual([[0, 258, 0]])
    log.close(FOOTER)
    const [first, last, ...more] = [...segmentsOf(log.path, START, false)]
    expect([first, more]).toEqual([running[0], []])
    expect(last).toMatchObject({ line: 258, end: statSync(log.path).size })
    expect(last?.sha256).toBe(sha256(last?.bytes ?? new Uint8Array()))
    expect(bytesOf([...segmentsOf(log.path, START, false)])).toEqual(readFileSync(log.path))
  })

  it('given a killed session, cuts what stands behind the last checkpoint, half a line too, only once it is over', () => {
    const path = logOf(`${record(0, 'header')}${record(1, 'checkpoint')}${record(2, 'request')}{"seq":3,"at"`)
    const lines = (isOver: boolean) => [...segmentsOf(path, START, isOver)].map((each) => each.lines)
    expect([lines(false), lines(true)]).toEqual([[2], [2, 2]])
    expect(bytesOf([...segmentsOf(path, START, true)])).toEqual(readFileSync(path))
  })

  it('given long records, cuts behind the one that takes it to 4 MiB, however many there are', () => {
    const long = record(1, 'response', `,"text":"${'x'.repeat(3 * 1024 ** 2)}"`)
    const path = logOf(record(0, 'header') + long + long + long + long)
    expect([...segmentsOf(path, START, false)].map((each) => each.lines)).toEqual([3, 2])
  })

  it('given words of a message that read like a checkpoint, does not cut there', () => {
    const path = logOf(`${record(0, 'header')}${record(1, 'request', ',"m":{"kind":"checkpoint","seq":2}')}`)
    expect([...segmentsOf(path, START, false)]).toEqual([])
  })

  it('given any log, cuts the same whether it goes on from a segment, or while the log still grew', () => {
    const kinds = fc.constantFrom('request', 'response', 'checkpoint')
    fc.assert(
      fc.property(
        fc.array(kinds, { maxLength: 30 }),
        fc.nat({ max: 30 }),
        fc.nat({ max: 40 }),
        (all, grown, torn) => {
          const lines = all.map((kind, seq) => record(seq, kind))
          const text = lines.join('')
          const path = logOf(`${lines.slice(0, grown).join('')}${(lines[grown] ?? '').slice(0, torn)}`)
          const early = [...segmentsOf(path, START, false)]
          appendFileSync(path, text.slice(readFileSync(path).length))
          const last = early.at(-1)
          const rest = [...segmentsOf(path, last === undefined ? START : after(last), true)]
          expect([...early, ...rest]).toEqual([...segmentsOf(path, START, true)])
          expect(bytesOf([...early, ...rest]).toString()).toBe(text)
        },
      ),
      { numRuns: 60 },
    )
  })
})
