import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, notice, refusal, request } from './messages.ts'
import { UNSOUND_LINES } from './unsound-lines.ts'
import { UNSOUND_PARAMS } from './unsound-params.ts'

const PING = request(1, 'ping')
const TWICE = 'an object in it has a key twice'
const CASE = 'an object in it has two keys that differ in case only'
const ANYTHING = `
rules:
  - allow: { tool: "*" }
  - allow: { resource: "*" }
  - allow: { prompt: "*" }`

describe('a line of the client', () => {
  it.each([...UNSOUND_LINES, ...UNSOUND_PARAMS])(
    'given $given, is refused with its own words, recorded, and its twin passes [INV-1] [INV-3] [ATK-PARSER]',
    async ({ line, twin, id, code, why }) => {
      const bench = await benchOfOne(ANYTHING)
      await knowTools(bench)
      expect(await bench.client(line)).toEqual({ client: [refusal(id, code, why)], server: [] })
      const bytes = Buffer.from(line.replace(/\r$/, '')) // that CR was the line end's
      const measured = {
        bytes: bytes.length,
        sha256: sha256(bytes),
        head: bytes.subarray(0, 1024).toString('base64'),
      }
      expect(bench.records('refused')).toEqual([{ kind: 'refused', from: 'client', why, ...measured }])
      expect(await bench.client(twin)).toEqual({ client: [], server: [twin] })
    },
  )

  it('given invalid UTF-8, is refused, and the same text as UTF-8 passes [INV-3]', async () => {
    const bench = await benchOfOne(ANYTHING)
    const line = '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"é"}}'
    const refused = await bench.chunk('client', Buffer.from(`${line}\n`, 'latin1'))
    expect(refused).toEqual({ client: [refusal(null, -32700, 'it is not valid UTF-8')], server: [] })
    expect(await bench.client(line)).toEqual({ client: [], server: [line] })
  })

  it('given keys that differ in case and `caseSensitive: true`, passes inside arguments and nowhere else', async () => {
    const bench = await benchOfOne(ANYTHING, { caseSensitiveArguments: true })
    await knowTools(bench)
    const inside = call(1, 'a', { path: 1, Path: 2, deep: { a: 1, A: 2 } })
    expect(await bench.client(inside)).toEqual({ client: [], server: [inside] })
    const outside = call(2, 'a', {}, { x: { a: 1, A: 2 } })
    expect(await bench.client(outside)).toEqual({ client: [refusal(2, -32600, CASE)], server: [] })
    const twice = call(3, 'a', { path: 1 }).replace('"path":1', '"path":1,"path":2')
    expect(await bench.client(twice)).toEqual({ client: [refusal(3, -32600, TWICE)], server: [] })
  })

  it('given answers to questions as a list, is refused and recorded by digest: they may be what a person typed', async () => {
    const bench = await benchOfOne(ANYTHING)
    await knowTools(bench)
    const line = (inputResponses: object) => request(1, 'tools/call', { name: 'a', inputResponses })
    const why = '`params.inputResponses` is no object'
    expect(await bench.client(line([]))).toEqual({ client: [refusal(1, -32602, why)], server: [] })
    const measured = { bytes: line([]).length, sha256: sha256(line([])) }
    expect(bench.records('refused')).toEqual([{ kind: 'refused', from: 'client', why, ...measured }])
    expect(await bench.client(line({}))).toEqual({ client: [], server: [line({})] })
  })

  it('given a tool call without an id, answers nothing, sends nothing and records why', async () => {
    const bench = await benchOfOne(ANYTHING)
    expect(await bench.client(notice('tools/call', { name: 'a' }))).toEqual({ client: [], server: [] })
    const why = 'hoopctl does not know the notification `tools/call`, and a request needs an id'
    expect(bench.records('notification')).toMatchObject([
      { from: 'client', method: 'tools/call', decision: { effect: 'deny', why } },
    ])
  })

  it('given an id in flight, is refused without an id, and passes once that was answered', async () => {
    const bench = await benchOfOne(ANYTHING)
    await bench.client(request(1, 'ping'))
    const again = request(1, 'prompts/list')
    expect(await bench.client(again)).toEqual({
      client: [refusal(null, -32600, 'its id is in flight')],
      server: [],
    })
    await bench.server(answer(1, {}))
    expect(await bench.client(again)).toEqual({ client: [], server: [again] })
  })

  it('given an unsound line under an id in flight, is refused without an id, and the first is still answered', async () => {
    const bench = await benchOfOne(`${ANYTHING}\nlimits: { messageSize: 1KiB }`)
    await bench.client(request(1, 'ping'))
    const twice = '{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}'
    const long = request(1, 'ping', { x: 'x'.repeat(1024) })
    const tooLong = `it has ${long.length} bytes, above the limit of 1024 (limits.messageSize)`
    const refused = [refusal(null, -32600, TWICE), refusal(null, -32600, tooLong)]
    expect(await bench.client(twice, long)).toEqual({ client: refused, server: [] })
    expect(await bench.server(answer(1, {}))).toEqual({ client: [answer(1, {})], server: [] })
  })

  it('given the ids 1 and "1", takes them for two', async () => {
    const bench = await benchOfOne(ANYTHING)
    const lines = [request(1, 'ping'), request('1', 'ping')]
    expect(await bench.client(...lines)).toEqual({ client: [], server: lines })
    const answers = [answer('1', { a: 1 }), answer(1, { a: 2 })]
    expect(await bench.server(...answers)).toEqual({ client: answers, server: [] })
  })

  it('given a line above the limit, answers its id, records its digest, and passes one at the limit', async () => {
    const bench = await benchOfOne(`${ANYTHING}\nlimits: { messageSize: 1KiB }`)
    const padded = (bytes: number) =>
      request(1, 'ping', { x: 'x'.repeat(bytes - request(1, 'ping', { x: '' }).length) })
    const why = 'it has 1025 bytes, above the limit of 1024 (limits.messageSize)'
    expect(await bench.client(padded(1025))).toEqual({ client: [refusal(1, -32600, why)], server: [] })
    const head = Buffer.from(padded(1025)).subarray(0, 1024).toString('base64')
    expect(bench.records('refused')).toEqual([
      { kind: 'refused', from: 'client', why, bytes: 1025, sha256: sha256(padded(1025)), head },
    ])
    expect(await bench.client(padded(1024))).toEqual({ client: [], server: [padded(1024)] })
  })

  it('given a refusal, quotes nothing of the line, neither to the client nor on stderr [INV-5]', async () => {
    const bench = await benchOfOne(ANYTHING)
    const { client } = await bench.client(
      '{"password":"hunter2","password":"hunter2"}',
      'hunter2',
      call(1, 'a', { x: 'hunter2', X: 1 }),
    )
    expect([client.length, client.join().includes('hunter2'), bench.said]).toEqual([3, false, []])
  })
})

describe('the last line of the client', () => {
  it('given no newline, passes; given a CR that no newline follows, is refused', async () => {
    const bench = await benchOfOne(ANYTHING)
    await bench.chunk('client', Buffer.from(PING))
    expect(await bench.close()).toEqual({ client: [], server: [PING] })
    const other = await benchOfOne(ANYTHING)
    await other.chunk('client', Buffer.from(`${PING}\r`))
    const why = 'it has a carriage return that no newline follows'
    expect(await other.close()).toEqual({ client: [refusal(1, -32600, why)], server: [] })
  })
})
