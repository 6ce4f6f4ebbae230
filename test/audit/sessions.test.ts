import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileNameOf } from '../../src/audit/session-number.ts'
import { listSessions } from './listed-sessions.ts'
import { findSession } from '../../src/audit/sessions.ts'
import type { RequestBody } from '../../src/records.ts'
import {
  exchange,
  FOOTER,
  message,
  newState,
  openLog,
  request,
  response,
  type State,
  tickingClock,
} from './a-log.ts'

const subject = {
  issuer: 'https://login',
  sub: '00u1a',
  email: 'alice@acme.example',
  groups: [],
  kind: 'human',
} as const

/** A session in which a call was allowed, one asked about and denied, and one denied. */
function busy(state: State) {
  const log = openLog(state, { clock: tickingClock() })
  log.append({ kind: 'context', cause: 'start', subject })
  log.append(request(1, { method: 'initialize' }))
  log.append(request(2), message({ message: 'x', params: { arguments: { a: ',"message":' } } }, 'requests'))
  log.append(response(2))
  log.append(
    request(3, { decision: { effect: 'ask', rules: [], why: 'one asks' }, answers: { a: 1, message: 5 } }),
  )
  log.append({
    kind: 'decision',
    exchange: 3,
    effect: 'deny',
    rules: [],
    approval: null,
    why: 'no',
    sent: null,
  })
  log.append(request(4, { method: 'no/such', decision: { effect: 'deny', rules: [], why: 'unknown' } }))
  log.append(request(5, { from: 'server', method: 'roots/list', decision: DENIED }))
  log.append(request(6, { from: 'hoopctl', method: 'tools/list' }))
  log.close(FOOTER)
  return log
}

const DENIED = { effect: 'deny', rules: [], why: 'no' } as const

function probe(state: State) {
  const log = openLog(state)
  log.append(request(1, { method: 'server/discover' }))
  log.close(FOOTER)
  return log
}

const at = (state: State, number: number) => join(state.sessions, fileNameOf(number))

describe('listSessions', () => {
  it('given a session, sums it up', () => {
    const state = newState()
    const { session } = busy(state)
    expect(listSessions(state.sessions, { all: false })).toEqual([
      {
        session,
        number: 1,
        started: '2026-11-21T09:14:07.000000Z',
        ended: '2026-11-21T09:14:17.000000Z',
        state: 'complete',
        server: 'orders-db',
        subject: 'alice@acme.example',
        calls: 3,
        asked: 1,
        denied: 1,
        last: '2026-11-21T09:14:17.000000Z',
        people: ['alice@acme.example', '00u1a'],
        uses: ['allow query', 'ask query', 'deny query'],
      },
    ])
  })

  it('given a throw-away probe, lists it only with `all`', () => {
    const state = newState()
    probe(state)
    busy(state)
    const numbers = [false, true].map((all) =>
      listSessions(state.sessions, { all }).map(({ number }) => number),
    )
    expect(numbers).toEqual([[2], [1, 2]])
  })

  it.each<[string, Partial<RequestBody>[]]>([
    ['what the server asked and was denied', [{ from: 'server', method: 'roots/list', decision: DENIED }]],
    ['what the server asked and was given', [{ from: 'server', method: 'sampling/createMessage' }]],
    ['lists', [{ method: 'tools/list' }, { method: 'resources/templates/list' }]],
    [
      'what a server that did not start refused before any call',
      [
        { method: 'initialize', decision: DENIED },
        { method: 'tools/list', decision: DENIED },
      ],
    ],
  ])('given only %s, lists the session only with `all`, without a call', (_, requests) => {
    const state = newState()
    const log = openLog(state)
    requests.forEach((body, index) => log.append(request(index + 1, body)))
    log.close(FOOTER)
    expect(listSessions(state.sessions, { all: false })).toEqual([])
    const [listed] = listSessions(state.sessions, { all: true })
    expect(listed).toMatchObject({ number: 1, calls: 0, asked: 0, denied: 0 })
  })

  it.each<[string, Partial<RequestBody>, object]>([
    ['a call that was allowed', {}, { calls: 1, asked: 0, denied: 0 }],
    ['a call that no server was there for', { decision: DENIED }, { calls: 1, asked: 0, denied: 1 }],
    ['an unknown method', { method: 'no/such/list', decision: DENIED }, { calls: 1, asked: 0, denied: 1 }],
    ['the task of another', { method: 'tasks/get', decision: DENIED }, { calls: 1, asked: 0, denied: 1 }],
  ])('given %s beside the handshake and lists, counts that alone', (_, body, counts) => {
    const state = newState()
    const log = openLog(state)
    log.append(request(1, { method: 'initialize', decision: DENIED }))
    log.append(request(2, { method: 'tools/list', decision: DENIED }))
    log.append(request(3, body))
    log.append(request(4, { method: 'tasks/get' }))
    log.close(FOOTER)
    const [listed] = listSessions(state.sessions, { all: false })
    expect(listed).toMatchObject({ number: 1, ...counts })
  })

  it.each<[string, (path: string) => void, string]>([
    ['without a footer', (path) => truncateSync(path, readFileSync(path).lastIndexOf('{"seq"')), 'open'],
    ['with half a last line', (path) => truncateSync(path, readFileSync(path).length - 5), 'open'],
    [
      'with a line that is no JSON',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('{"seq":3', 'x')),
      'broken',
    ],
    [
      'with a line taken out',
      (path) => writeFileSync(path, readFileSync(path, 'utf8').replace(/\{"seq":3.*\n/, '')),
      'broken',
    ],
    ['that is empty', (path) => writeFileSync(path, ''), 'broken'],
    ['of zeros', (path) => writeFileSync(path, Buffer.alloc(5000)), 'broken'],
  ])('given a file %s, lists it with the others', (_, damage, expected) => {
    const state = newState()
    for (let left = 3; left > 0; left -= 1) busy(state)
    damage(at(state, 2))
    const listed = listSessions(state.sessions, { all: false }).map((each) => [each.number, each.state])
    expect(listed).toEqual([
      [1, 'complete'],
      [2, expected],
      [3, 'complete'],
    ])
  })

  it('given no directory yet, lists nothing', () => {
    expect(listSessions(newState().sessions, { all: true })).toEqual([])
  })
})

describe('findSession', () => {
  it.each([
    ['its id', (session: string) => session],
    ['its id in lower case', (session: string) => session.toLowerCase()],
    ['the beginning of its id', (session: string) => session.slice(0, 24)],
    ['its number', () => '2'],
    ['its number with zeros', () => '00000002'],
  ])('given %s, finds it', (_, wanted) => {
    const state = newState()
    probe(state)
    const { session } = busy(state)
    expect(findSession(state.sessions, wanted(session))).toEqual({ session, number: 2, path: at(state, 2) })
  })

  it('given the beginning of several ids, asks for more', () => {
    const state = newState()
    exchange(busy(state), 1)
    busy(state)
    expect(() => findSession(state.sessions, '01')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_SESSION',
        message: '`01` is the beginning of 2 sessions',
        hint: 'write more of it, or a number: 1, 2',
      }),
    )
  })

  it.each(['', '7', 'XYZ', '\u001b[31m'])('given %j, says that there is none', (wanted) => {
    const state = newState()
    busy(state)
    const name = wanted.replace('\u001b', '\\u{1b}')
    expect(() => findSession(state.sessions, wanted)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_SESSION', message: `there is no session \`${name}\`` }),
    )
  })
})
