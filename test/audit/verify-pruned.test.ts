import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DeviceKey } from '../../src/audit/device-key.ts'
import { type ExaminedLog, examineLog } from '../../src/audit/examined-log.ts'
import { PRUNED, prunedLine, readPrunedNotes } from '../../src/audit/pruned-note.ts'
import { PrunedNotesFile } from '../../src/audit/pruned-notes-file.ts'
import { fileNameOf } from '../../src/audit/session-number.ts'
import { verifyDirectory } from '../../src/audit/verify-directory.ts'
import { checkStoredToken } from '../../src/identity/stored-token.ts'
import { completeLog, newState, type State } from './a-log.ts'

const SCRIPT = join(import.meta.dirname, '../../scripts/verify-session.py')
const NOW = new Date('2026-11-22T10:00:00Z')
const COPIES = [{ destination: 'file:///srv/audit/', prefix: '2026-11-21/orders-db/alice/S/', segments: 2 }]

const at = ({ sessions }: State, number: number) => join(sessions, fileNameOf(number))
const notesOf = ({ sessions }: State) => join(sessions, PRUNED)
const linesOf = (state: State) => readFileSync(notesOf(state), 'utf8').split('\n').slice(0, -1)
const write = (state: State, lines: readonly string[]) =>
  writeFileSync(notesOf(state), lines.map((line) => `${line}\n`).join(''))

function examined(state: State, number: number): ExaminedLog {
  const log = examineLog({ path: at(state, number), number }, state.known, checkStoredToken)
  if (typeof log === 'string') throw new Error(log)
  return log
}

function note(state: State, number: number, by: DeviceKey = state.device, change: object = {}): void {
  const { seen: _, ...facts } = examined(state, number)
  new PrunedNotesFile(state.sessions, by).add({ ...facts, copies: COPIES, ...change }, NOW)
}

function prune(state: State, ...numbers: readonly number[]): void {
  for (const number of numbers) {
    note(state, number)
    rmSync(at(state, number))
  }
}

function sessions(count: number): State {
  const state = newState()
  for (let left = count; left > 0; left -= 1) completeLog(state)
  return state
}

/** What is wrong with a directory, where `sessions verify` and the script say the same; and what was pruned. */
function verdict(state: State, devices: readonly string[] = []) {
  const known = { isKnown: (id: string) => devices.length === 0 || devices.includes(id) }
  const { ok, problems, pruned, sessions: each } = verifyDirectory(state.sessions, known, checkStoredToken)
  const named = devices.flatMap((key) => ['--device', key])
  const { stdout, status } = spawnSync('python3', [SCRIPT, '--json', ...named, state.sessions], {
    encoding: 'utf8',
  })
  const said = stdout.split('\n').slice(0, -1)
  const theirs = said.map((line): { problem: string | null; ok: boolean } => JSON.parse(line))
  expect(theirs.slice(each.length).map(({ problem }) => problem)).toEqual(problems)
  expect({ status, each: theirs.length }).toEqual({ status: ok ? 0 : 7, each: each.length + problems.length })
  return { ok, problems, pruned: pruned.map(({ number }) => number) }
}

describe('a directory from which logs were pruned', () => {
  it('given a note for each, has no gap, and tells what they were', () => {
    const state = sessions(6)
    const [second, digest] = [examined(state, 2), readFileSync(at(state, 2))]
    prune(state, 1, 2, 4)
    expect(verdict(state, [state.device.id])).toEqual({ ok: true, problems: [], pruned: [1, 2, 4] })
    const { seen: _, ...facts } = second
    const at2 = readPrunedNotes(state.sessions).notes[1]
    const signed = { at: '2026-11-22T10:00:00.000000Z', device: state.device.id }
    expect(at2).toEqual({ ...facts, copies: COPIES, ...signed })
    expect(facts.bytes).toBe(digest.length)
  })

  it('given the same note again, holds it once; given another destination, both', () => {
    const state = sessions(3)
    note(state, 1)
    note(state, 1)
    expect(linesOf(state)).toHaveLength(1)
    note(state, 1, state.device, { copies: [] })
    expect(linesOf(state)).toHaveLength(2)
    rmSync(at(state, 1))
    expect(verdict(state)).toEqual({ ok: true, problems: [], pruned: [1] })
  })

  it('given a note whose log is still there, as after a crash, finds nothing wrong', () => {
    const state = sessions(3)
    note(state, 2)
    expect(verdict(state)).toEqual({ ok: true, problems: [], pruned: [] })
  })

  it('given half a last line, does not count it, and the next note takes its place', () => {
    const state = sessions(5)
    prune(state, 1)
    note(state, 2)
    const [first = '', second = ''] = linesOf(state)
    writeFileSync(notesOf(state), `${first}\n${second.slice(0, 300)}`)
    expect(verdict(state)).toEqual({ ok: true, problems: [], pruned: [1] })
    prune(state, 3, 2)
    expect(verdict(state)).toEqual({ ok: true, problems: [], pruned: [1, 2, 3] })
  })
})

const DIFFERENT = 'was noted as pruned by another device than that of the sessions here'
const ALTERED = 'that is here: that one was altered or replaced'

describe('[ATK-FORGED-PRUNE] whoever hides a removed session behind a note of their own', () => {
  it.each<[string, (state: State) => void, string[]]>([
    ['no note', (state) => rmSync(at(state, 2)), ['session 2 is missing']],
    [
      'a note signed by a key of theirs',
      (state) => {
        note(state, 2, newState().device)
        rmSync(at(state, 2))
      },
      [`session 2 ${DIFFERENT}`, 'session 2 is missing'],
    ],
    [
      'a note of another session, with its number changed',
      (state) => {
        prune(state, 1)
        write(state, [(linesOf(state)[0] ?? '').replace('"number":1', '"number":2')])
        rmSync(at(state, 2))
      },
      ['pruned.jsonl: line 1 has a signature that does not hold', 'sessions 1 to 2 are missing'],
    ],
    [
      'a line that says no more than a number',
      (state) => {
        prune(state, 1)
        appendFileSync(notesOf(state), '{"number":2}\n')
        rmSync(at(state, 2))
      },
      ['pruned.jsonl: line 2 is no note of a session that was pruned', 'session 2 is missing'],
    ],
    [
      'a line that is no text',
      (state) => {
        write(state, [])
        appendFileSync(notesOf(state), Buffer.from([0xff, 0x0a]))
      },
      ['pruned.jsonl: line 1 is no note of a session that was pruned'],
    ],
    [
      'notes of which one was taken out',
      (state) => {
        prune(state, 1, 2, 3)
        const [first = '', , third = ''] = linesOf(state)
        write(state, [first, third])
      },
      [
        'pruned.jsonl: line 2 does not follow on the line before: lines are missing, altered or in another order',
        'sessions 2 to 3 are missing',
      ],
    ],
    [
      'a line of notes that were there before',
      (state) => {
        note(state, 1)
        note(state, 2)
        const [, old = ''] = linesOf(state)
        rmSync(notesOf(state))
        note(state, 3)
        write(state, [...linesOf(state), old])
        rmSync(at(state, 2))
      },
      [
        'pruned.jsonl: line 2 does not follow on the line before: lines are missing, altered or in another order',
        'session 2 is missing',
      ],
    ],
    [
      'the notes of another device',
      (state) => {
        const other = sessions(5)
        prune(other, 2)
        renameSync(notesOf(other), notesOf(state))
        rmSync(at(state, 2))
      },
      [`session 2 ${DIFFERENT}`, 'session 2 is missing'],
    ],
    [
      'a note of this device on a log that was replaced',
      (state) => {
        note(state, 2, state.device, { header: 'a'.repeat(64) })
        rmSync(at(state, 2))
      },
      [`session 3 does not follow on the session 2 ${ALTERED}`],
    ],
    [
      'a note on a log that is there, and is another',
      (state) => note(state, 2, state.device, { header: 'a'.repeat(64) }),
      ['session 2 was noted as pruned and the log that is here is another'],
    ],
    [
      'a note of this device on the newest session, which is never pruned',
      (state) => {
        note(state, 5)
        rmSync(at(state, 5))
      },
      ['session 5 was noted as pruned though no newer session is there', 'session 5 is missing'],
    ],
    [
      'two notes that contradict each other',
      (state) => {
        const { seen: _, ...facts } = { ...examined(state, 2), copies: COPIES }
        note(state, 2)
        const { end } = readPrunedNotes(state.sessions)
        const other = prunedLine(
          end,
          '2026-11-22T10:00:00.000000Z',
          { ...facts, header: 'a'.repeat(64) },
          state.device,
        )
        appendFileSync(notesOf(state), `${other}\n`)
      },
      ['pruned.jsonl: line 2 notes session 2 a second time, as another'],
    ],
  ])('given %s, is found out', (_, attack, problems) => {
    const state = sessions(5)
    attack(state)
    const { ok, problems: found } = verdict(state)
    expect({ ok, problems: found }).toEqual({ ok: false, problems })
  })

  it('given a device that is not known, does not believe its notes', () => {
    const state = sessions(3)
    prune(state, 1)
    const { id } = newState().device
    const unknown = `session 1 was noted as pruned by the device key \`${state.device.id}\`, which is not known here`
    expect(verdict(state, [id])).toMatchObject({ ok: false, problems: [unknown, 'session 1 is missing'] })
  })

  it('given a note by another key that says the same, adds one of its own', () => {
    const state = sessions(3)
    note(state, 1, newState().device)
    prune(state, 1)
    expect(verdict(state)).toEqual({ ok: true, problems: [], pruned: [1] })
  })

  it('given notes that were altered, adds none', () => {
    const state = sessions(4)
    prune(state, 1, 2)
    write(state, linesOf(state).toReversed())
    const before = readFileSync(notesOf(state))
    expect(() => note(state, 3)).toThrow(expect.objectContaining({ code: 'LOG_BROKEN' }))
    expect(readFileSync(notesOf(state))).toEqual(before)
  })
})
