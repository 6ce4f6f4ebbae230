import { spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readRecords } from '../../src/audit/log-record.ts'
import { fileNameOf, numbersIn } from '../../src/audit/session-number.ts'
import { verifyDirectory } from '../../src/audit/verify-directory.ts'
import { verifySession } from './verify-one.ts'
import { newState, openLog, type State, temporaryDirectory } from './a-log.ts'

const APPENDER = join(import.meta.dirname, '../fixtures/audit/append-session.ts')
const RUNNER = join(import.meta.dirname, '../fixtures/audit/run-sessions.ts')

/** Kills a writer with SIGKILL once it has said that so many exchanges are recorded; gives how many it had said. */
async function killAfter(state: State, exchanges: number): Promise<number> {
  // A file, because a pipe that is not read in time makes the writer wait, always at the same place.
  const said = openSync(join(state.path, 'said'), 'w')
  const child = spawn(process.execPath, [APPENDER, state.path], { stdio: ['ignore', said, 'inherit'] })
  const ended = new Promise((resolve) => child.on('close', resolve))
  while (fstatSync(said).size < exchanges && child.exitCode === null) await setTimeout(1)
  child.kill('SIGKILL')
  await ended
  expect(child.signalCode).toBe('SIGKILL')
  const { size } = fstatSync(said)
  closeSync(said)
  return size
}

describe('kill -9', () => {
  it.each([1, 2, 3, 4, 5])(
    'given 10 writers killed at any instant (%i of 5), each log holds what was committed',
    async () => {
      const state = newState()
      for (let run = 1; run <= 10; run += 1) {
        const exchanges = await killAfter(state, 1 + Math.floor(Math.random() ** 3 * 400))
        const path = join(state.sessions, fileNameOf(run))
        const verification = verifySession(path, state.known)
        expect(verification).toMatchObject({ ok: true, state: 'open', deviceKnown: true, problem: null })
        const answers = [...readRecords(path, 'without')].filter((record) => record?.['kind'] === 'response')
        expect(answers.length).toBeGreaterThanOrEqual(exchanges)
      }
      expect(verifyDirectory(state.sessions, state.known)).toMatchObject({ ok: true, problems: [] })
    },
  )

  it('given writers killed while they open sessions, no number is without its header and none is missing', async () => {
    const state = newState()
    const kill = async () => {
      const child = spawn(process.execPath, [RUNNER, state.path, '1000000'], { stdio: 'ignore' })
      const before = numbersIn(state.sessions).length
      while (numbersIn(state.sessions).length < before + 5) await setTimeout(1)
      child.kill('SIGKILL')
      await new Promise((resolve) => child.on('close', resolve))
    }
    openLog(state)
    for (let run = 0; run < 10; run += 1) await kill()
    const { problems, sessions } = verifyDirectory(state.sessions, state.known)
    expect(problems).toEqual([])
    expect(sessions.filter(({ ok }) => !ok)).toEqual([])
    expect(readdirSync(join(state.sessions, 'tmp')).length).toBeLessThanOrEqual(10)
  })
})

describe('many processes at once', () => {
  it('given 20 processes that open sessions at once, numbers 1 to 20 each hold the digest of the one before', async () => {
    const state = newState(temporaryDirectory())
    const ends = Array.from({ length: 20 }, () => {
      const child = spawn(process.execPath, [RUNNER, state.path, '1'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      return new Promise((resolve) => child.on('close', resolve))
    })
    expect(await Promise.all(ends)).toEqual(Array.from({ length: 20 }, () => 0))
    expect(numbersIn(state.sessions)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    const { ok, problems, sessions } = verifyDirectory(state.sessions, state.known)
    expect({ ok, problems, states: new Set(sessions.map(({ state: each }) => each)) }).toEqual({
      ok: true,
      problems: [],
      states: new Set(['complete']),
    })
  })

  it('given two processes that open 200 sessions each, numbers 1 to 400 are one series', async () => {
    const state = newState()
    const ends = [1, 2].map(() => {
      const child = spawn(process.execPath, [RUNNER, state.path, '200'], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      return new Promise((resolve) => child.on('close', resolve))
    })
    expect(await Promise.all(ends)).toEqual([0, 0])
    const { ok, problems, sessions } = verifyDirectory(state.sessions, state.known)
    expect({ ok, problems, count: sessions.length }).toEqual({ ok: true, problems: [], count: 400 })
  })
})
