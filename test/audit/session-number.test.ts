import { readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileNameOf, noteNewest, numberOf } from '../../src/audit/session-number.ts'
import { verifyDirectory } from '../../src/audit/verify-directory.ts'
import { sha256 } from '../../src/digest.ts'
import { FOOTER, linesOf, newState, openLog, type State } from './a-log.ts'

function runSessions(state: State, count: number): void {
  for (let left = count; left > 0; left -= 1) openLog(state).close(FOOTER)
}

const headerOf = (state: State, number: number) => linesOf(join(state.sessions, fileNameOf(number)))[0] ?? ''
const noted = (state: State) => readFileSync(join(state.sessions, 'last.json'), 'utf8')

describe('the numbering of sessions', () => {
  it('given three sessions, each holds the number and digest that follow on the one before', () => {
    const state = newState()
    runSessions(state, 3)
    expect(readdirSync(state.sessions).sort()).toEqual([
      '00000001.jsonl',
      '00000002.jsonl',
      '00000003.jsonl',
      'last.json',
      'tmp',
    ])
    expect(headerOf(state, 3)).toContain(`"number":3,"previous":"${sha256(headerOf(state, 2))}"`)
    expect(noted(state)).toBe(`${`{"number":3,"digest":"${sha256(headerOf(state, 3))}"}`.padEnd(127)}\n`)
  })

  it.each([
    ['is missing', null],
    ['is no JSON', '{"number":'],
    ['holds other things', '{"number":"2","digest":"x"}'],
    ['holds a number that is none', `{"number":-1,"digest":"${'0'.repeat(64)}"}`],
  ])('given a note of the newest that %s, goes by the names', (_, text) => {
    const state = newState()
    runSessions(state, 2)
    rmSync(join(state.sessions, 'last.json'))
    if (text !== null) writeFileSync(join(state.sessions, 'last.json'), text)
    runSessions(state, 1)
    expect(headerOf(state, 3)).toContain(`"number":3,"previous":"${sha256(headerOf(state, 2))}"`)
  })

  it('given an old note, goes on behind the newest', () => {
    const state = newState()
    runSessions(state, 1)
    const old = noted(state)
    runSessions(state, 3)
    writeFileSync(join(state.sessions, 'last.json'), old)
    runSessions(state, 1)
    expect(headerOf(state, 5)).toContain(`"number":5,"previous":"${sha256(headerOf(state, 4))}"`)
    expect(verifyDirectory(state.sessions, state.known).problems).toEqual([])
  })

  it('given a slow process that notes its session after newer ones began, the newest stays noted', () => {
    const state = newState()
    runSessions(state, 3)
    noteNewest(state.sessions, { number: 1, digest: sha256(headerOf(state, 1)) })
    expect(JSON.parse(noted(state))).toEqual({ number: 3, digest: sha256(headerOf(state, 3)) })
  })

  it('given that the newest session vanished, leaves a gap that shows', () => {
    const state = newState()
    runSessions(state, 3)
    const vanished = sha256(headerOf(state, 3))
    rmSync(join(state.sessions, '00000003.jsonl'))
    runSessions(state, 1)
    expect(headerOf(state, 4)).toContain(`"number":4,"previous":"${vanished}"`)
    expect(verifyDirectory(state.sessions, state.known).problems).toEqual(['session 3 is missing'])
  })

  it('given a newest session whose header was damaged, goes on with the digest that was noted', () => {
    const state = newState()
    runSessions(state, 2)
    const before = sha256(headerOf(state, 2))
    writeFileSync(join(state.sessions, '00000002.jsonl'), 'damaged')
    runSessions(state, 1)
    expect(headerOf(state, 3)).toContain(`"number":3,"previous":"${before}"`)
  })

  it.each([
    ['a link that leads nowhere', (path: string) => symlinkSync('nowhere', path)],
    ['an empty file', (path: string) => writeFileSync(path, '')],
  ])('given %s under the next number, goes on behind it, and says that it is no session', (_, take) => {
    const state = newState()
    runSessions(state, 1)
    take(join(state.sessions, '00000002.jsonl'))
    runSessions(state, 2)
    expect(headerOf(state, 3)).toContain(`"number":3,"previous":"${sha256('')}"`)
    const { ok, sessions } = verifyDirectory(state.sessions, state.known)
    expect({ ok, each: sessions.map((session) => session.ok) }).toEqual({
      ok: false,
      each: [true, false, true, true],
    })
  })

  it('given temporary files of killed processes, removes the old ones', () => {
    const state = newState()
    runSessions(state, 1)
    writeFileSync(join(state.sessions, 'tmp', 'old'), '')
    utimesSync(join(state.sessions, 'tmp', 'old'), 1, 1)
    writeFileSync(join(state.sessions, 'tmp', 'young'), '')
    runSessions(state, 1)
    expect(readdirSync(join(state.sessions, 'tmp'))).toEqual(['young'])
  })
})

describe('numberOf', () => {
  it.each([
    ['00000017.jsonl', 17],
    ['123456789.jsonl', 123_456_789],
    ['17.jsonl', null],
    ['000000017.jsonl', null],
    ['00000017.jsonl~', null],
    ['last.json', null],
  ])('given %s, tells %s', (name, number) => {
    expect(numberOf(name)).toBe(number)
  })
})
