import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { segmentName } from '../../src/audit/upload/segment-key.ts'
import { segmentsOf } from '../../src/audit/upload/segments.ts'
import type { ConfirmedObject } from '../../src/records.ts'
import { anObject, completeLog, newState, tellingLog, temporaryDirectory } from './a-log.ts'
import { bothSay, byPython, byUs, python } from './by-python.ts'
import { verifySession } from './verify-one.ts'

describe('scripts/verify-session.py beside `sessions verify`, of what was uploaded', () => {
  it('given checkpoints that tell of objects, both accept those in the form of the log alone', () => {
    const state = newState()
    const good = [tellingLog(state, [anObject(0), anObject(3, { etag: null, version: 'v1', bytes: 0 })])]
    const odd: readonly Partial<Record<keyof ConfirmedObject, unknown>>[] = [
      { session: null },
      { to: 1 },
      { key: null },
      { bytes: -1 },
      { bytes: 1.5 },
      { sha256: 'e0' },
      { etag: 7 },
      { version: {} },
      { at: null },
    ]
    const wrong = odd.map((more) =>
      tellingLog(state, [anObject(0), { ...anObject(1), ...more } as ConfirmedObject]),
    )
    const why = 'record 257 (line 258) does not say in the form of the log what was uploaded'
    expect(bothSay([...good, ...wrong]).map(({ ok, records }) => [ok, records])).toEqual([
      [true, 263],
      ...wrong.map(() => [false, 257]),
    ])
    expect(wrong.map((path) => verifySession(path, state.known).problem)).toEqual(wrong.map(() => why))
  })

  it('given a directory to which sessions were uploaded, verifies each as its objects, one behind the other', () => {
    const state = newState()
    const place = temporaryDirectory()
    const folder = (name: string) => join(place, '2026-11-21', 'db', 'alice', name)
    const logs = [tellingLog(state, [anObject(0)]), completeLog(state)]
    for (const [index, path] of logs.entries()) {
      mkdirSync(folder(`S${index}`), { recursive: true })
      for (const { line, bytes } of segmentsOf(path, { line: 0, start: 0 }, true))
        writeFileSync(join(folder(`S${index}`), segmentName(line)), bytes)
    }
    expect(byPython([place])).toEqual({ outcomes: logs.map((path) => byUs(path)), stderr: '', status: 0 })
    rmSync(join(folder('S0'), '0000000000.jsonl'))
    appendFileSync(join(folder('S1'), '0000000000.jsonl'), 'x')
    const { stdout, status } = python(place)
    expect(status).toBe(7)
    expect(stdout).toContain(
      'record 0 (line 1) is missing: an object is gone, or was renamed, before 0000000258.jsonl',
    )
    expect(stdout).toContain('record 8 (line 9) stands after the footer')
    writeFileSync(join(folder('S0'), '0000000000.jsonl'), readFileSync(logs[0] ?? '').subarray(0, 900))
    expect(python(folder('S0')).stdout).toContain(
      'is missing: an object is gone, or was renamed, before 0000000258.jsonl',
    )
  })
})
