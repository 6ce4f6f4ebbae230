import { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { StreamPeer } from '../../src/shim/stream-peer.ts'

/** A stream that takes what is written only when the test says so. */
function slowStream() {
  const written: string[] = []
  const waiting: (() => void)[] = []
  const stream = new Writable({
    highWaterMark: 16,
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString())
      waiting.push(done)
    },
  })
  return { stream, written, take: () => waiting.splice(0).forEach((done) => done()) }
}

describe('StreamPeer', () => {
  it('writes the messages of one turn together, a line each, and nothing before `flush`', () => {
    const { stream, written } = slowStream()
    const peer = new StreamPeer(stream)
    peer.send('é')
    peer.send(Buffer.from('b'))
    expect(written).toEqual([])
    peer.flush()
    expect(written).toEqual(['é\nb\n'])
    peer.flush()
    expect(written).toEqual(['é\nb\n'])
  })

  it('given much, writes it in order', async () => {
    const { stream, written, take } = slowStream()
    const peer = new StreamPeer(stream)
    const long = 'x'.repeat(100_000)
    peer.send('a')
    peer.send(long)
    peer.flush()
    let drained = false
    peer.drained(() => (drained = true))
    while (!drained) {
      take()
      await setImmediate()
    }
    expect(written.join('')).toBe(`a\n${long}\n`)
  })

  it('given a reader that does not read, is full; given a reserve, only beyond it; given one that is gone, never', () => {
    const { stream } = slowStream()
    const peer = new StreamPeer(stream)
    stream.on('error', () => undefined)
    expect(peer.isFull()).toBe(false)
    peer.send('x'.repeat(100))
    peer.flush()
    expect([peer.isFull(), peer.isFull(1000), peer.isFull(50)]).toEqual([true, false, true])
    stream.destroy()
    expect(peer.isFull()).toBe(false)
    peer.send('lost')
    peer.flush()
  })

  it('given a stream that is gone, has delivered all there is to deliver', async () => {
    const { stream } = slowStream()
    stream.destroy()
    await new Promise<void>((resolve) => new StreamPeer(stream).drained(resolve))
  })
})
