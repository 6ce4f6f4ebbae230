import { describe, expect, it } from 'vitest'
import { answerOpen } from '../../src/shim/answer-open.ts'
import { benchWithPerson, untilLeft } from './bench-with-person.ts'
import { call } from './messages.ts'

describe('the end of a session while a call is held', () => {
  const lost = (id: number, why: string) => {
    const error = { code: -32603, message: `hoopctl: ${why}` }
    return JSON.stringify({ jsonrpc: '2.0', id, error })
  }
  const later = (approval: string) =>
    `. It goes on waiting for approval ${approval}: once a person has answered that (hoopctl approve ${approval}), the same call passes`

  it('given a server that ends, tells what was not sent, what may still be answered, and what was sent', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'), call(2, 'a'))
    const { approval } = person.question()
    await bench.client(call(3, 'c'))
    const ended = 'the server `bench` ended (exit code 1)'
    bench.shim.later(() => answerOpen(bench.shim, ended))
    expect((await bench.client()).client).toEqual([
      lost(1, `this call was not sent: ${ended}${later(approval)}`),
      lost(3, `this call was not sent: ${ended}`),
      lost(2, `${ended} before it answered`),
    ])
    expect(person.waiting()).toMatchObject([{ state: 'queued', question: { approval } }])
  })

  it('given a client that closes, is told once, and the same call passes once it was approved', async () => {
    const { bench, person } = await benchWithPerson()
    await bench.client(call(1, 'b'))
    const { approval, requester } = person.question()
    const { client } = await bench.leave('its client closed')
    expect(client).toEqual([lost(1, `this call was not sent: its client closed${later(approval)}`)])
    expect(await bench.leave('its client closed')).toEqual({ client: [], server: [] })
    expect(person.approve(person.question(), { binds: { requester } })).toBe('taken')
    expect(await untilLeft(bench, call(2, 'b'))).toEqual({ client: [], server: [call(2, 'b')] })
  })
})
