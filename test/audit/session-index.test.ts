import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileNameOf } from '../../src/audit/session-number.ts'
import { sessionEntries } from '../../src/audit/sessions.ts'
import { sha256 } from '../../src/digest.ts'
import {
  exchange,
  FOOTER,
  linesOf,
  newState,
  openLog,
  request,
  type State,
  temporaryDirectory,
} from './a-log.ts'

/** When a log was last written, as anyone may say of it. */
const WRITTEN = new Date('2026-11-21T09:14:07Z')

function aSession(state: State, tool = 'query'): string {
  const log = openLog(state)
  log.append(request(1, { tool }))
  log.close(FOOTER)
  return log.path
}

/** A state with three sessions, and where their index is kept. */
function indexed() {
  const state = newState()
  for (const tool of ['one', 'two', 'three']) aSession(state, tool)
  const cache = join(temporaryDirectory(), 'cache')
  const entries = () => sessionEntries(state.sessions, cache)
  const fresh = () => sessionEntries(state.sessions, join(temporaryDirectory(), 'cache'))
  const path = join(cache, 'sessions.index')
  return {
    state,
    cache,
    path,
    entries,
    fresh,
    log: (number: number) => join(state.sessions, fileNameOf(number)),
  }
}

/** Puts other texts into an index and makes its digest fit, as one would who wants to be believed. */
function forge(path: string, change: (text: string) => string): void {
  const [first = '', ...lines] = readFileSync(path, 'utf8').split('\n')
  const rest = change(lines.join('\n'))
  writeFileSync(path, `${first.replace(/"sha256":"\w+"/, `"sha256":"${sha256(rest)}"`)}\n${rest}`)
}

describe('the index of sessions', () => {
  it('given logs that are as they were, does not read them again', () => {
    const { path, entries } = indexed()
    expect(entries().map(({ uses }) => uses)).toEqual([['allow one'], ['allow two'], ['allow three']])
    forge(path, (text) => text.replace('allow one', 'deny all'))
    expect(entries()[0]?.uses).toEqual(['deny all'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each<[string, (path: string, state: State) => void]>([
    ['a longer log', (path) => appendFileSync(path, 'more\n')],
    [
      'another text of the same length',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('two', 'TWO')),
    ],
    [
      'another text of the same length and time',
      (path) => {
        writeFileSync(path, readFileSync(path, 'utf8').replace('two', 'TWO'))
        utimesSync(path, WRITTEN, WRITTEN)
      },
    ],
    [
      'another file of the same name',
      (path) => {
        const text = readFileSync(path)
        rmSync(path)
        writeFileSync(path, text)
      },
    ],
    ['a log that is gone', (path) => rmSync(path)],
    ['a session more', (_, state) => void aSession(state, 'four')],
  ])('given %s, says what the logs say now, and keeps that', (_, change) => {
    const { state, entries, log, path } = indexed()
    utimesSync(log(2), WRITTEN, WRITTEN)
    entries()
    change(log(2), state)
    const cache = join(temporaryDirectory(), 'cache')
    const fresh = sessionEntries(state.sessions, cache)
    expect([entries(), entries()]).toEqual([fresh, fresh])
    expect(readFileSync(path, 'utf8')).toBe(readFileSync(join(cache, 'sessions.index'), 'utf8'))
  })

  it('given a session that runs, follows it', () => {
    const { state, entries } = indexed()
    const log = openLog(state)
    const counts = [1, 2].map((number) => {
      exchange(log, number)
      return entries().at(-1)?.calls
    })
    expect(counts).toEqual([1, 2])
  })

  it.each<[string, (text: string) => string]>([
    ['nothing', () => ''],
    ['half of it', (text) => text.slice(0, text.length / 2)],
    ['of another version', (text) => text.replace(/"hoopctl":"[^"]+"/, '"hoopctl":"0.0.0"')],
    ['of another directory', (text) => text.replace(/"directory":"/, '"directory":"/other')],
    ['that says something else', (text) => text.replace('allow two', 'allow TWO')],
    ['of zeros', (text) => '\0'.repeat(text.length)],
  ])('given an index with %s, makes it anew', (_, damage) => {
    const { entries, fresh, path } = indexed()
    entries()
    const whole = readFileSync(path, 'utf8')
    writeFileSync(path, damage(whole))
    expect(entries()).toEqual(fresh())
    expect(readFileSync(path, 'utf8')).toBe(whole)
  })

  it('given an index with any byte changed, says what the logs say', () => {
    const { entries, fresh, path } = indexed()
    entries()
    const whole = readFileSync(path)
    const right = fresh()
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
        writeFileSync(path, whole.with(at, byte))
        expect(entries()).toEqual(right)
      }),
      { numRuns: 200 },
    )
  })

  it.each<[string, (text: string) => string]>([
    ['a member of another kind', (text) => text.replaceAll('"calls":1', '"calls":"\u001b[2J"')],
    ['a member more', (text) => text.replaceAll('"calls":1', '"calls":1,"more":1')],
    ['a state that is none', (text) => text.replaceAll('"state":"complete"', '"state":"fine"')],
    ['no list', () => '{}'],
  ])('given an index that was forged with %s, makes it anew', (_, change) => {
    const { entries, fresh, path } = indexed()
    entries()
    forge(path, change)
    expect(entries()).toEqual(fresh())
  })

  it('given an index or a directory that others may write, believes neither', () => {
    const { cache, entries, fresh, path } = indexed()
    entries()
    forge(path, (text) => text.replace('allow one', 'deny all'))
    chmodSync(path, 0o666)
    expect(entries()).toEqual(fresh())
    forge(path, (text) => text.replace('allow one', 'deny all'))
    chmodSync(cache, 0o777)
    expect(entries()).toEqual(fresh())
  })

  it('given a place where nothing can be kept, lists all the same', () => {
    const { state, fresh } = indexed()
    const file = join(temporaryDirectory(), 'file')
    writeFileSync(file, '')
    expect(sessionEntries(state.sessions, file)).toEqual(fresh())
    const taken = temporaryDirectory()
    mkdirSync(join(taken, 'sessions.index'))
    expect(sessionEntries(state.sessions, taken)).toEqual(fresh())
  })

  it('given a session with more tools than an index should hold, reads it each time, and keeps the others', () => {
    const { state, entries, fresh, path } = indexed()
    const log = openLog(state)
    for (let number = 1; number <= 3000; number += 1) log.append(request(number, { tool: `tool_${number}` }))
    log.close(FOOTER)
    expect(entries()).toEqual(fresh())
    const kept = readFileSync(path, 'utf8')
    expect({ lines: linesOf(path).length, listed: entries().at(-1)?.uses.length }).toEqual({
      lines: 4,
      listed: 3000,
    })
    expect(readFileSync(path, 'utf8')).toBe(kept)
  })
})
