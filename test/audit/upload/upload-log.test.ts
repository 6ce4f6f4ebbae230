import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Confirmation, type Destination, uploadLog } from '../../../src/audit/upload/upload-log.ts'
import { HoopctlError } from '../../../src/errors.ts'
import { anObject, temporaryDirectory } from '../a-log.ts'

const URL = 'file:///evidence/'
const now = () => new Date('2026-11-21T10:00:00Z')
const AWAY = () => new HoopctlError('UNREACHABLE', 'it is away', { hint: 'wait' })

function ledger() {
  const noted: Confirmation[] = []
  const noticed: [string, string][] = []
  return {
    noted,
    position: () => {
      const last = noted.at(-1)
      return last === undefined ? { line: 0, start: 0 } : { line: last.line + last.lines, start: last.end }
    },
    confirm: (one: Confirmation) => void noted.push(one),
    noticed,
    told: (...one: [string, string]) => void noticed.push(one),
  }
}

function logOf(checkpoints: number) {
  const path = join(temporaryDirectory(), 'log.jsonl')
  const lines = Array.from({ length: checkpoints * 3 }, (_, seq) => {
    const kind = seq % 3 === 2 ? 'checkpoint' : 'request'
    return `{"seq":${seq},"at":"t","kind":"${kind}","n":${seq}}\n`
  })
  writeFileSync(path, lines.join(''))
  return { session: 'S', path, prefix: 'day/server/who/S/', isOver: true }
}

/** What a place does with one request; `lies` says that it took what it did not. */
type Mood = 'works' | 'away' | 'lost' | 'half' | 'lies'

function place(moods: Mood[] = []) {
  const objects = new Map<string, Uint8Array>()
  const destination: Destination = {
    url: URL,
    async put(name, bytes) {
      const mood = moods.shift() ?? 'works'
      if (mood === 'away') throw AWAY()
      if (mood === 'lies') return 'written'
      if (mood === 'half') throw AWAY() // half of a body is no object
      if (objects.has(name)) return 'there-already'
      objects.set(name, bytes)
      if (mood === 'lost') throw AWAY() // the answer, not the object
      return 'written'
    },
    async get(name, maxBytes) {
      if (moods[0] === 'away') throw AWAY()
      const bytes = objects.get(name) ?? null
      if (bytes !== null && bytes.length > maxBytes) throw AWAY()
      return bytes === null ? null : { bytes, etag: '"e"', version: 'v1' }
    },
  }
  const whole = () =>
    Buffer.concat([...objects.keys()].toSorted().map((name) => objects.get(name) ?? new Uint8Array()))
  return { destination, objects, whole }
}

describe('uploadLog', () => {
  it('given a destination, sends each segment under its name, and notes what it read back', async () => {
    const [log, kept, { destination, objects, whole }] = [logOf(2), ledger(), place()]
    expect(await uploadLog(log, destination, kept, now)).toEqual({
      segments: 2,
      bytes: readFileSync(log.path).length,
      there: 0,
    })
    expect(await uploadLog(log, destination, kept, now, { line: 0, start: 0 })).toEqual({
      segments: 0,
      bytes: 0,
      there: 2,
    })
    expect([...objects.keys()]).toEqual([
      'day/server/who/S/0000000000.jsonl',
      'day/server/who/S/0000000003.jsonl',
    ])
    expect(whole()).toEqual(readFileSync(log.path))
    const sha256 = createHash('sha256')
      .update(objects.get('day/server/who/S/0000000003.jsonl') ?? '')
      .digest('hex')
    expect(kept.noted[1]).toMatchObject({
      destination: URL,
      session: 'S',
      line: 3,
      lines: 3,
      sha256,
      etag: '"e"',
      version: 'v1',
      confirmed: now(),
    })
    expect(await uploadLog(log, destination, kept, now)).toEqual({ segments: 0, bytes: 0, there: 0 })
  })

  it('given a checkpoint that tells of objects, notes them as told once a destination holds it', async () => {
    const [log, kept, { destination, objects }] = [logOf(1), ledger(), place(['away'])]
    const told = [anObject(0), anObject(3)]
    const line = `{"seq":3,"at":"t","kind":"checkpoint","uploaded":${JSON.stringify(told)}}\n`
    writeFileSync(log.path, `${readFileSync(log.path, 'utf8')}${line}`)
    await expect(uploadLog(log, destination, kept, now)).rejects.toMatchObject({ code: 'UNREACHABLE' })
    expect(kept.noticed).toEqual([])
    await uploadLog(log, destination, kept, now)
    expect(kept.noticed).toEqual(told.map(({ to, key }) => [to, key]))
    expect(objects.size).toBe(2)
  })

  it('given one that says that it took what it does not have, notes nothing and says so', async () => {
    const kept = ledger()
    const sent = uploadLog(logOf(1), place(['lies']).destination, kept, now)
    await expect(sent).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringContaining('does not have it'),
    })
    expect(kept.noted).toEqual([])
  })

  it.each([-1, 0, 1])(
    'given other bytes under the name, %i longer, leaves them, notes nothing, and says where',
    async (longer) => {
      const [log, kept, { destination, objects }] = [logOf(1), ledger(), place()]
      const other = Buffer.alloc(readFileSync(log.path).length + longer, 'x')
      objects.set('day/server/who/S/0000000000.jsonl', other)
      await expect(uploadLog(log, destination, kept, now)).rejects.toMatchObject({
        code: 'UPLOAD_CONFLICT',
        message: '`day/server/who/S/0000000000.jsonl` at `file:///evidence/` holds other bytes than the log',
      })
      expect([objects.get('day/server/who/S/0000000000.jsonl'), kept.noted]).toEqual([other, []])
    },
  )

  it('given any failures in any order, in the end each record is there once, and nothing was noted that was not', async () => {
    const mood = fc.constantFrom<Mood>('works', 'away', 'lost', 'half', 'lies')
    await fc.assert(
      fc.asyncProperty(fc.array(mood, { maxLength: 20 }), fc.boolean(), async (moods, forgets) => {
        const [log, { destination, objects, whole }] = [logOf(4), place(moods)]
        let kept = ledger()
        for (let turn = 0; turn < 25; turn++) {
          await uploadLog(log, destination, kept, now).catch((failure: HoopctlError) => {
            expect(failure.code).toBe('UNREACHABLE')
          })
          expect(kept.noted.every(({ key }) => objects.has(key))).toBe(true)
          if (forgets && turn === 3) kept = ledger() // as after a state database that was lost
        }
        expect(whole()).toEqual(readFileSync(log.path))
      }),
      { numRuns: 50 },
    )
  })
})
