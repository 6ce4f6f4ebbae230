import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openSessionLog } from '../../src/audit/session-log.ts'
import { verifySession } from './verify-one.ts'
import {
  anObject,
  AUDIT,
  exchange,
  FOOTER,
  HEADER,
  kindsOf,
  linesOf,
  message,
  newState,
  openLog,
  request,
  response,
  tickingClock,
} from './a-log.ts'

describe('openSessionLog', () => {
  it('given a first session, writes its header, for this user alone', () => {
    const state = newState()
    const log = openLog(state, { clock: tickingClock() })
    const header = {
      seq: 0,
      at: '2026-11-21T09:14:07.000000Z',
      kind: 'header',
      prev: '0'.repeat(64),
      format: 'hoopctl-session/1',
      session: log.session,
      hoopctl: '0.4.0',
      host: 'alice-mbp',
      osUser: 'alice',
      device: state.device.id,
      number: 1,
      previous: '0'.repeat(64),
      server: { name: 'orders-db', command: ['/opt/acme/bin/mcp-postgres'], sha256: 'e0'.repeat(32) },
    }
    expect(readFileSync(log.path, 'utf8')).toBe(`${JSON.stringify(header)}\n`)
    expect(log.session).toMatch(/^01[0-9A-HJKMNP-TV-Z]{24}$/)
    const modes = [state.sessions, log.path, join(state.sessions, 'last.json')].map(
      (path) => statSync(path).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o600, 0o600])
  })

  it('given a password in the command, keeps it out of the header', () => {
    const state = newState()
    const server = { ...HEADER.server, command: ['/bin/x', 'postgres://app:hunter2@db/orders'] }
    const log = openSessionLog({
      directory: state.sessions,
      device: state.device,
      header: { ...HEADER, server },
      audit: AUDIT,
      clock: tickingClock(),
    })
    log.close(FOOTER)
    expect(linesOf(log.path)[0]).toContain('"command":["/bin/x","postgres://app:[removed]@db/orders"]')
  })

  it('given a directory that others may enter, refuses it with the command that mends it', () => {
    const state = newState()
    mkdirSync(state.sessions)
    chmodSync(state.sessions, 0o750)
    const hint = `run: chmod 700 ${state.sessions}`
    expect(() => openLog(state)).toThrow(expect.objectContaining({ code: 'FILE_MODE', hint }))
    chmodSync(state.sessions, 0o700)
    expect(openLog(state).path).toBe(join(state.sessions, '00000001.jsonl'))
  })

  it('given a file where the directory should be, says that it cannot write there', () => {
    const state = newState()
    writeFileSync(state.sessions, '')
    expect(() => openLog(state)).toThrow(expect.objectContaining({ code: 'STATE_UNWRITABLE' }))
  })
})

describe('append and commit', () => {
  it('given a clock that goes back, keeps the instants of a log in order', () => {
    const instants = [
      '2026-11-21T09:14:07.000000Z',
      '2026-11-21T09:14:09.000000Z',
      '2026-11-21T09:14:08.000000Z',
    ]
    const log = openLog(newState(), {
      clock: { now: () => new Date(), micros: () => instants.shift() ?? '' },
    })
    log.append(request(1))
    log.append(response(1))
    log.commit()
    expect(linesOf(log.path).map((line) => /"at":"([^"]+)"/.exec(line)?.[1]?.slice(17, 19))).toEqual([
      '07',
      '09',
      '09',
    ])
  })

  it('given durability `disk`, writes the same', () => {
    const state = newState()
    const log = openLog(state, { audit: { ...AUDIT, durability: 'disk' } })
    exchange(log, 1)
    log.close(FOOTER)
    expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, state: 'complete', records: 4 })
  })
})

describe('checkpoints', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('given 600 records, signs after each 256', () => {
    const state = newState()
    const log = openLog(state)
    for (let number = 1; number <= 300; number += 1) exchange(log, number)
    const kinds = kindsOf(log.path)
    expect(kinds.flatMap((kind, seq) => (kind === 'checkpoint' ? [seq] : []))).toEqual([257, 514])
    expect(verifySession(log.path, state.known)).toMatchObject({
      ok: true,
      state: 'open',
      records: 603,
      signedTo: 514,
    })
  })

  it('given 5 s in which there were records, signs once; given 5 s without, does not', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const log = openLog(newState())
    vi.advanceTimersByTime(5000)
    expect(kindsOf(log.path)).toEqual(['header'])
    exchange(log, 1)
    vi.advanceTimersByTime(15_000)
    expect(kindsOf(log.path)).toEqual(['header', 'request', 'response', 'checkpoint'])
  })

  it('given staged records when the time has come, signs with their commit', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const log = openLog(newState())
    log.append(request(1))
    vi.advanceTimersByTime(5000)
    expect(kindsOf(log.path)).toEqual(['header'])
    log.commit()
    expect(kindsOf(log.path)).toEqual(['header', 'request', 'checkpoint'])
  })

  it('tell what destinations were seen to hold; what could not be written is told by the next one', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const state = newState()
    const waiting = [anObject(0), anObject(7)]
    const told = (objects: readonly unknown[]) => waiting.splice(0, objects.length)
    const log = openLog(state, { confirmations: { untold: () => [...waiting], told } })
    exchange(log, 1)
    const [elsewhere, here] = [`${log.path}.away`, log.path]
    renameSync(here, elsewhere)
    vi.advanceTimersByTime(5000)
    expect(waiting).toHaveLength(2)
    renameSync(elsewhere, here)
    vi.advanceTimersByTime(5000)
    exchange(log, 2)
    vi.advanceTimersByTime(5000)
    const uploaded = linesOf(log.path).flatMap((line) => {
      const record = JSON.parse(line) as Readonly<Record<string, unknown>>
      return record['kind'] === 'checkpoint' ? [record['uploaded']] : []
    })
    expect(uploaded).toEqual([[anObject(0), anObject(7)], null])
    expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, signedTo: 6 })
  })

  it('given a session too short for one, tell at its end what waits to be told, and nothing where nothing does', () => {
    const state = newState()
    const waiting = [anObject(0)]
    const told = () => waiting.splice(0)
    const kinds = () => {
      const log = openLog(state, { confirmations: { untold: () => [...waiting], told } })
      exchange(log, 1)
      log.close(FOOTER)
      expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, state: 'complete' })
      return kindsOf(log.path).slice(-2)
    }
    expect([kinds(), kinds()]).toEqual([
      ['checkpoint', 'footer'],
      ['response', 'footer'],
    ])
  })

  it('given a closed log, signs no more and records no more', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const log = openLog(newState())
    exchange(log, 1)
    log.close(FOOTER)
    log.close(FOOTER)
    vi.advanceTimersByTime(15_000)
    log.append(request(2))
    expect(log.commit()).toBe('none')
    expect(kindsOf(log.path)).toEqual(['header', 'request', 'response', 'footer'])
  })
})

describe('a log that is lost under its writer', () => {
  it.each([
    ['the file is removed', (path: string) => rmSync(path)],
    ['the directory is removed', (path: string) => rmSync(dirname(path), { recursive: true })],
    ['the directory is renamed', (path: string) => renameSync(dirname(path), `${dirname(path)}-old`)],
    [
      'the file is replaced',
      (path: string) => {
        const text = readFileSync(path)
        rmSync(path)
        writeFileSync(path, text)
      },
    ],
  ])('given that %s, writes nothing and says why', (_, lose) => {
    const log = openLog(newState())
    exchange(log, 1)
    lose(log.path)
    log.append(response(1), message({}))
    expect([log.commit(), log.failure]).toEqual(['none', 'the file of this session was removed or replaced'])
  })

  it('given that it comes back, goes on where it stood', () => {
    const state = newState()
    const log = openLog(state)
    exchange(log, 1)
    renameSync(log.path, `${log.path}.away`)
    log.append(request(2))
    expect(log.commit()).toBe('none')
    renameSync(`${log.path}.away`, log.path)
    exchange(log, 3)
    log.close(FOOTER)
    expect(log.failure).toBe(null)
    expect(kindsOf(log.path)).toEqual(['header', 'request', 'response', 'request', 'response', 'footer'])
    expect(verifySession(log.path, state.known).ok).toBe(true)
  })
})

describe('room', () => {
  it('given more and more open answers, keeps room without a file that anyone could find', () => {
    const state = newState()
    const log = openLog(state)
    expect([1, 2, 100, 3].map((open) => log.roomFor(open))).toEqual([true, true, true, true])
    expect(readdirSync(state.sessions).sort()).toEqual(['00000001.jsonl', 'last.json', 'tmp'])
    expect(readdirSync(join(state.sessions, 'tmp'))).toEqual([])
  })

  it('given a directory that is gone before any room was kept, has none', () => {
    const state = newState()
    const log = openLog(state)
    rmSync(state.sessions, { recursive: true })
    expect(log.roomFor(1)).toBe(false)
  })
})
