import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { verifySession } from './verify-one.ts'
import { python } from './by-python.ts'
import {
  completeLog,
  exchange,
  FOOTER,
  linesOf,
  message,
  newState,
  openLog,
  request,
  temporaryDirectory,
} from './a-log.ts'

describe('verifySession', () => {
  it('given a whole log, says that it is complete', () => {
    const state = newState()
    const path = completeLog(state)
    expect(verifySession(path, state.known)).toEqual({
      ok: true,
      session: JSON.parse(linesOf(path)[0] ?? '').session,
      state: 'complete',
      device: state.device.id,
      deviceKnown: true,
      records: 8,
      signedTo: 7,
      problem: null,
      note: null,
    })
  })

  it('given a device key that is not known, says so and is not ok', () => {
    const state = newState()
    const path = completeLog(state)
    const stranger = loadDeviceKey(join(temporaryDirectory(), 'state'))
    const verification = verifySession(path, { isKnown: (id) => id === stranger.id })
    const problem = `the device key \`${state.device.id}\` is not known here`
    expect(verification).toMatchObject({
      ok: false,
      state: 'complete',
      deviceKnown: false,
      records: 8,
      problem,
    })
  })

  it('given a log without its footer, says from where on nothing is signed', () => {
    const state = newState()
    const log = openLog(state)
    for (let number = 1; number <= 130; number += 1) exchange(log, number)
    const note =
      'there is no footer: it is running, was killed, or its end was cut off; nothing is signed from record 258 on'
    expect(verifySession(log.path, state.known)).toMatchObject({
      ok: true,
      state: 'open',
      records: 262,
      signedTo: 257,
      note,
    })
  })

  it('given keys that this Node.js misreads after some that a server said, says what the script says', () => {
    const state = newState()
    const log = openLog(state)
    const said = { method: 'notifications/message', params: { data: { q: 1, 'a\\"': 1 } } }
    log.append(
      { kind: 'notification', from: 'server', method: 'notifications/message' },
      message(said, 'requests'),
    )
    log.append(request(1, { from: 'server', method: 'elicitation/create', answers: { q: 9, 'a"b': 9 } }))
    log.close(FOOTER)
    JSON.parse(JSON.stringify(said)) // whoever shows the log has read it
    expect(verifySession(log.path, state.known)).toMatchObject({ ok: true, state: 'complete', problem: null })
    expect(python('--device', state.device.id, log.path).status).toBe(0)
  })

  it('given half a last line, counts the lines before it', () => {
    const state = newState()
    const path = completeLog(state)
    truncateSync(path, readFileSync(path).length - 1)
    const note =
      'there is no footer: it is running, was killed, or its end was cut off; nothing in it is signed, so anybody can have written it; half a line'
    const verification = verifySession(path, state.known)
    expect(verification).toMatchObject({ ok: true, state: 'open', records: 7, signedTo: null })
    expect(verification.note).toContain(note)
  })

  it('given every length to which a log can be cut, is ok but for a header that is not whole', () => {
    const state = newState()
    const path = completeLog(state)
    const bytes = readFileSync(path)
    const header = bytes.indexOf(10) + 1
    const target = join(temporaryDirectory(), 'cut.jsonl')
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(target, bytes.subarray(0, length))
      const { ok, state: outcome } = verifySession(target, state.known)
      expect({ length, ok, outcome }).toEqual(
        length < header ? { length, ok: false, outcome: 'broken' } : { length, ok: true, outcome: 'open' },
      )
    }
  })

  it('given a signature by another key over a chain that holds, says that it does not hold', () => {
    const state = newState()
    const other = loadDeviceKey(join(temporaryDirectory(), 'state'))
    const log = openLog({ ...state, device: { ...state.device, sign: (bytes) => other.sign(bytes) } })
    exchange(log, 1)
    log.close(FOOTER)
    expect(verifySession(log.path, state.known).problem).toBe(
      'the signature of record 3 (line 4) does not hold',
    )
  })

  it('given bytes behind the footer that are no line, says so', () => {
    const state = newState()
    const path = completeLog(state)
    appendFileSync(path, '{')
    expect(verifySession(path, state.known).problem).toBe('record 8 (line 9) stands after the footer')
  })

  it('given bytes that are no UTF-8, says so', () => {
    const state = newState()
    const path = completeLog(state)
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('alice-mbp')] = 0xff
    writeFileSync(path, bytes)
    expect(verifySession(path, state.known).problem).toBe('record 0 (line 1) is not UTF-8')
  })

  it('given a file that is not there, says that it cannot be read', () => {
    const verification = verifySession(join(temporaryDirectory(), 'none.jsonl'), { isKnown: () => true })
    const problem = 'the file cannot be read: the file or its directory is gone'
    expect(verification).toMatchObject({
      ok: false,
      state: 'broken',
      session: null,
      device: null,
      records: 0,
      problem,
    })
  })

  it('given arrays in arrays without end, says that the line is wrong and does not fall over', () => {
    const state = newState()
    const path = completeLog(state)
    const deep = `"answers":${'['.repeat(200_000)}${']'.repeat(200_000)}`
    writeFileSync(path, readFileSync(path, 'utf8').replace('"client":null', deep))
    expect(verifySession(path, state.known)).toMatchObject({
      state: 'broken',
      problem: 'record 1 (line 2) is nested deeper than any that hoopctl writes',
    })
  })
})
