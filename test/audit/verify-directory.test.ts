import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileNameOf } from '../../src/audit/session-number.ts'
import { verifyDirectory } from '../../src/audit/verify-directory.ts'
import { exchange, FOOTER, newState, openLog, type State } from './a-log.ts'

function fiveSessions(): State {
  const state = newState()
  for (let left = 5; left > 0; left -= 1) {
    const log = openLog(state)
    exchange(log, 1)
    log.close(FOOTER)
  }
  return state
}

const at = (state: State, number: number) => join(state.sessions, fileNameOf(number))

describe('verifyDirectory', () => {
  it('given five whole sessions, finds nothing wrong', () => {
    const state = fiveSessions()
    const { ok, problems, sessions } = verifyDirectory(state.sessions, state.known)
    expect({ ok, problems }).toEqual({ ok: true, problems: [] })
    expect(sessions.map(({ ok: each, state: outcome }) => [each, outcome])).toEqual(
      sessions.map(() => [true, 'complete']),
    )
  })

  it.each<[string, (state: State) => void, string[]]>([
    ['a session that was removed', (state) => rmSync(at(state, 3)), ['session 3 is missing']],
    [
      'several that were removed',
      (state) => [1, 2, 4].forEach((number) => rmSync(at(state, number))),
      ['sessions 1 to 2 are missing', 'session 4 is missing'],
    ],
    ['the newest removed', (state) => rmSync(at(state, 5)), ['session 5 is missing']],
    [
      'the two newest removed',
      (state) => [4, 5].forEach((number) => rmSync(at(state, number))),
      ['sessions 4 to 5 are missing'],
    ],
    [
      'a session under the number of another',
      (state) => copyFileSync(at(state, 2), at(state, 4)),
      [
        '00000004.jsonl holds the log of session 2',
        'session 5 does not follow on the session 4 that is here: that one was altered or replaced',
      ],
    ],
    [
      'a session replaced by another device’s',
      (state) => renameSync(at(fiveSessions(), 3), at(state, 3)),
      [
        'session 3 does not follow on the session 2 that is here: that one was altered or replaced',
        'session 4 does not follow on the session 3 that is here: that one was altered or replaced',
      ],
    ],
    [
      'the newest replaced by one of its own number',
      (state) => renameSync(at(fiveSessions(), 5), at(state, 5)),
      [
        'session 5 does not follow on the session 4 that is here: that one was altered or replaced',
        'session 5 is not the one that was noted when it began',
      ],
    ],
  ])('given %s, says so', (_, tamper, problems) => {
    const state = fiveSessions()
    tamper(state)
    const verification = verifyDirectory(state.sessions, state.known)
    expect({ ok: verification.ok, problems: verification.problems }).toEqual({ ok: false, problems })
  })

  it('given a session that is broken in itself, is not ok and verifies the others', () => {
    const state = fiveSessions()
    writeFileSync(at(state, 2), readFileSync(at(state, 2), 'utf8').replace('"id":1', '"id":2'))
    const { ok, problems, sessions } = verifyDirectory(state.sessions, state.known)
    expect({ ok, problems, each: sessions.map((session) => session.ok) }).toEqual({
      ok: false,
      problems: [],
      each: [true, false, true, true, true],
    })
  })
})
