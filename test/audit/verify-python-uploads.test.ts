import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { segmentName } from '../../src/audit/upload/segment-key.ts'
import { segmentsOf } from '../../src/audit/upload/segments.ts'
import { sha256 } from '../../src/digest.ts'
import type { ConfirmedObject } from '../../src/records.ts'
import { CALLS, recordSession } from '../cli/recorded-session.ts'
import { anObject, completeLog, newState, tellingLog, temporaryDirectory } from './a-log.ts'
import { bothSay, byPython, byUs, python } from './by-python.ts'
import { rewritten } from './rewritten-log.ts'
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

  it('given sessions that were mixed, moved, doubled, emptied or replaced, finds each', () => {
    const stateDirectory = temporaryDirectory()
    const policy = { name: 'acme', version: null, digest: '0'.repeat(64), signed: true }
    const logs = [1, 2, 3].map(() => recordSession({ stateDirectory, calls: CALLS, policy }))
    const [one, two] = logs
    const folder = (place: string, { session }: (typeof logs)[0]) =>
      join(place, '2026-11-21', 'orders-db', 'alice', session)
    const object = (place: string, log: (typeof logs)[0]) => join(folder(place, log), segmentName(0))
    const altered = (alter: (place: string) => void) => {
      const place = temporaryDirectory()
      for (const log of logs) {
        mkdirSync(folder(place, log), { recursive: true })
        cpSync(log.path, object(place, log))
      }
      alter(place)
      const { stdout, status } = python('--json', place)
      const problems = stdout
        .split('\n')
        .flatMap((line) => (line === '' ? [] : (JSON.parse(line).problem ?? [])))
      return [status, problems.map((problem: string) => problem.replaceAll(place, ''))]
    }
    if (one === undefined || two === undefined) throw new Error('no session')
    const name = (log: typeof one) => `2026-11-21/orders-db/alice/${log.session}`
    expect(altered(() => undefined)).toEqual([0, []])
    expect(altered((place) => cpSync(object(place, one), object(place, two)))).toEqual([
      7,
      [`it lies under another name than its own, \`${name(one)}\``],
    ])
    expect(altered((place) => renameSync(folder(place, one), `${folder(place, one)}0`))).toEqual([
      7,
      [`it lies under another name than its own, \`${name(one)}\``],
    ])
    const cut = (place: string, day: string) => {
      rmSync(folder(place, one), { recursive: true })
      const other = folder(place, one).replace('2026-11-21', day)
      mkdirSync(other, { recursive: true })
      writeFileSync(join(other, segmentName(0)), `${readFileSync(one.path, 'utf8').split('\n')[0]}\n`)
    }
    expect(altered((place) => cut(place, '2026-11-21'))[1]).toEqual([])
    expect(altered((place) => cut(place, '2026-11-22'))[1]).toContain(
      `it lies under another name than its own, \`${name(one).replace('alice', '*')}\``,
    )
    expect(
      altered((place) =>
        cpSync(join(place, '2026-11-21'), join(place, 'x/2026-11-21'), { recursive: true }),
      )[1],
    ).toHaveLength(3)
    expect(altered((place) => writeFileSync(join(folder(place, one), segmentName(6)), ''))).toEqual([
      7,
      ['record 6 (line 7) is missing: 0000000006.jsonl is empty, or no file'],
    ])
    const key = loadDeviceKey(stateDirectory)
    const another = (path: string) =>
      rewritten(readFileSync(path, 'utf8').replace('alice-mbp', 'bob-mbp').split('\n').slice(0, -1), key)
    expect(altered((place) => writeFileSync(object(place, two), another(two.path)))[1]).toContain(
      `/${name(two)} and /${name(logs[2] ?? two)}: the second does not follow on the first: one was altered or replaced`,
    )
    expect(python(temporaryDirectory()).status).toBe(2)
  })

  it('given a checkpoint that tells of an object in a directory, looks for it there', () => {
    const state = newState()
    const place = temporaryDirectory()
    const to = `file://${place}/`
    const [there, gone] = ['there', 'gone'].map((key) => anObject(0, { to, key, sha256: sha256('x') }))
    writeFileSync(join(place, 'there'), 'x')
    const log = tellingLog(state, [there ?? anObject(0), gone ?? anObject(0), anObject(0)])
    mkdirSync(join(place, 'S'))
    cpSync(log, join(place, 'S', segmentName(0)))
    const { stdout, status } = python(place)
    expect(status).toBe(7)
    expect(stdout).toContain('2 objects that checkpoints tell of were looked for, 1 lie elsewhere\n')
    expect(stdout).toContain(
      `${join(place, 'gone')} is not what was confirmed on ${anObject(0).at}: it is gone, or was replaced`,
    )
    expect(stdout).not.toContain(`${join(place, 'there')} is not`)
  })
})
