import { describe, expect, it } from 'vitest'
import type { Line } from '../../src/shim/framing.ts'
import { Gate } from '../../src/shim/gate.ts'
import { answer, call, notice, request } from './messages.ts'

const INITIALIZE = request(0, 'initialize', {})
const INITIALIZED = notice('notifications/initialized')
const RESPONSE = answer('s', {})

function gateBefore(ready: (() => Promise<void>) | null, greeted = false) {
  const taken: string[] = []
  const take = (line: Line) => {
    const text = line.kind === 'line' ? Buffer.from(line.bytes).toString() : 'oversize'
    if (text.includes('"breaks"')) throw new Error('a bug')
    taken.push(text)
  }
  const failed = () => void taken.push('failed')
  const settle = () => void taken.push('settled')
  const belongsToOpen = (line: Line) =>
    line.kind === 'line' && Buffer.from(line.bytes).toString() === RESPONSE
  const gate = new Gate(ready, { take, failed, settle, belongsToOpen }, greeted)
  return {
    taken,
    gate,
    pass: (...lines: string[]) =>
      lines.forEach((text) => gate.pass({ kind: 'line', bytes: Buffer.from(text) })),
  }
}

describe('the gate before a client', () => {
  it('given conditions that can be judged, is open', async () => {
    const { taken, gate, pass } = gateBefore(null)
    pass(call(1, 'a'), INITIALIZE)
    expect(taken).toEqual([call(1, 'a'), INITIALIZE])
    await gate.empty()
  })

  it('given a handshake first, lets it pass and holds the rest in order until they can [INV-1]', async () => {
    const loading = Promise.withResolvers<void>()
    const { taken, gate, pass } = gateBefore(() => loading.promise)
    pass(INITIALIZE, INITIALIZED, call(1, 'a'), call(2, 'breaks'), call(3, 'b'))
    expect(taken).toEqual([INITIALIZE])
    loading.resolve()
    await gate.empty()
    expect(taken).toEqual([INITIALIZE, INITIALIZED, call(1, 'a'), 'failed', call(3, 'b'), 'settled'])
    pass(call(4, 'c'))
    expect(taken.at(-1)).toBe(call(4, 'c'))
  })

  it('given a client whose handshake was answered already, holds what looks like one too [INV-1]', async () => {
    const { taken, gate, pass } = gateBefore(() => Promise.resolve(), true)
    pass(INITIALIZE, call(1, 'a'))
    expect(taken).toEqual([])
    await gate.empty()
    expect(taken).toEqual([INITIALIZE, call(1, 'a'), 'settled'])
  })

  it('given a call first, holds it, and a handshake after it too [INV-1]', async () => {
    const { taken, gate, pass } = gateBefore(() => Promise.resolve())
    pass(call(1, 'a'), INITIALIZE)
    expect(taken).toEqual([])
    await gate.empty()
    expect(taken).toEqual([call(1, 'a'), INITIALIZE, 'settled'])
  })

  it('given what belongs to something that is open, lets it pass whatever waits', async () => {
    const loading = Promise.withResolvers<void>()
    const { taken, gate, pass } = gateBefore(() => loading.promise)
    pass(call(1, 'a'), RESPONSE, call(2, 'b'))
    expect(taken).toEqual([RESPONSE])
    loading.resolve()
    await gate.empty()
    expect(taken).toEqual([RESPONSE, call(1, 'a'), call(2, 'b'), 'settled'])
  })

  it('given that loading fails, opens all the same: conditions then fail', async () => {
    const { taken, gate, pass } = gateBefore(() => Promise.reject(new Error('no such chunk')))
    pass(call(1, 'a'))
    await gate.empty()
    expect(taken).toEqual([call(1, 'a'), 'settled'])
  })

  it('given many lines, says that the client must wait', () => {
    const { gate, pass } = gateBefore(() => new Promise(() => undefined))
    pass(...Array.from({ length: 255 }, (_, id) => call(id, 'a')))
    expect(gate.isFull).toBe(false)
    pass(call(255, 'a'))
    expect(gate.isFull).toBe(true)
  })
})
