import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { LineSplitter } from '../../src/shim/framing.ts'
import { pump } from '../../src/shim/pump.ts'
import { StandIn } from '../../src/shim/stand-in.ts'
import { call, notice, request } from './messages.ts'
import { linesOf } from './played-server.ts'

const HELLO = request(1, 'initialize', {
  protocolVersion: '2025-11-25',
  clientInfo: { name: 'c', version: '1' },
})
const line = (message: string) => `${message}\n`

function standIn(maxBytes = 4096) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  const one = new StandIn({ client: { stdin, stdout }, maxBytes, label: 'notes', why: 'there is no policy' })
  const told = linesOf(stdout)
  return { one, stdin, told }
}

/** Reads on where the stand-in left off. */
function readOn(stdin: PassThrough): () => string[] {
  const lines: string[] = []
  pump(stdin, 4096, {
    line: (one) => void lines.push(one.kind === 'line' ? Buffer.from(one.bytes).toString() : 'too long'),
    failed: () => undefined,
    settle: () => undefined,
    isFull: () => false,
    ended: () => void lines.push('the end'),
  })
  return () => lines.splice(0)
}

it('answers a handshake with all that may have a list, and says that it may change', async () => {
  const { stdin, told } = standIn()
  stdin.write(line(HELLO))
  await setImmediate()
  const listed = { listChanged: true }
  expect(told().map((text) => JSON.parse(text).result.capabilities)).toEqual([
    { tools: listed, resources: listed, prompts: listed },
  ])
})

it('given another reason, tells each request that comes then', async () => {
  const { one, stdin, told } = standIn()
  one.why = 'the policy has expired'
  stdin.write(line(call(1, 'a')))
  await setImmediate()
  expect(told()).toEqual([expect.stringContaining('hoopctl: the policy has expired')])
})

it.each([
  { given: 'nothing', sent: [], said: { initialize: null, initialized: false } },
  { given: 'a handshake', sent: [HELLO], said: { initialize: { id: 1 }, initialized: false } },
  {
    given: 'a whole handshake',
    sent: [HELLO, notice('notifications/initialized')],
    said: { initialize: { id: 1 }, initialized: true },
  },
  {
    given: 'the end of a handshake that never began',
    sent: [notice('notifications/initialized')],
    said: { initialize: null, initialized: false },
  },
])('given $given, hands over what its client said', async ({ sent, said }) => {
  const { one, stdin } = standIn()
  for (const message of sent) stdin.write(line(message))
  await setImmediate()
  expect(await one.handOver()).toMatchObject(said)
})

it('given a line that has not ended, hands it over whole, and answers nothing after it', async () => {
  const { one, stdin, told } = standIn()
  stdin.write(line(call(1, 'a')) + call(2, 'b').slice(0, 20))
  await setImmediate()
  expect(told()).toHaveLength(1)
  await one.handOver()
  const read = readOn(stdin)
  stdin.write(line(call(2, 'b').slice(20)) + line(call(3, 'c')))
  await setImmediate()
  await setImmediate()
  expect({ read: read(), told: told() }).toEqual({ read: [call(2, 'b'), call(3, 'c')], told: [] })
  stdin.end()
  await setImmediate()
  expect(read()).toEqual(['the end'])
})

it('given a line that is too long to be kept, answers it before it hands over', async () => {
  const { one, stdin, told } = standIn(64)
  const long = call(1, 'a', { text: 'x'.repeat(200) })
  stdin.write(long.slice(0, 150))
  await setImmediate()
  const over = one.handOver()
  stdin.write(line(long.slice(150)))
  await over
  expect(told()).toEqual([expect.stringContaining('"id":1')])
  const read = readOn(stdin)
  stdin.write(line(call(2, 'b')))
  await setImmediate()
  await setImmediate()
  expect(read()).toEqual([call(2, 'b')])
})

it('is free to let go of its client but in a line that is too long to be kept', async () => {
  const { one, stdin } = standIn(64)
  const long = call(1, 'a', { text: 'x'.repeat(200) })
  await one.free()
  stdin.write(long.slice(0, 50))
  await setImmediate()
  await one.free()
  stdin.write(long.slice(50, 150))
  await setImmediate()
  const seen: string[] = []
  const free = one.free().then(() => seen.push('free'))
  await setImmediate()
  seen.push('in the line')
  stdin.write(line(long.slice(150)))
  await free
  expect(seen).toEqual(['in the line', 'free'])
})

it('given a client that goes in a line that is too long, is free', async () => {
  const { one, stdin } = standIn(64)
  stdin.write('x'.repeat(200))
  await setImmediate()
  const free = one.free()
  stdin.end()
  await free
  expect(one.over).toBe(true)
})

it('given a client that has gone, hands over nothing', async () => {
  const { one, stdin } = standIn()
  stdin.end()
  await one.ended
  expect([await one.handOver(), one.over]).toEqual([null, true])
})

it('given a client that goes in a line that is too long, hands over nothing', async () => {
  const { one, stdin } = standIn(64)
  stdin.write('x'.repeat(200))
  await setImmediate()
  const over = one.handOver()
  stdin.end()
  expect(await over).toBeNull()
})

it('a splitter gives back what it holds, and splits on as if it had never been sent', () => {
  const splitter = new LineSplitter(4096)
  expect(splitter.push(Buffer.from('one\ntw'))).toHaveLength(1)
  expect(Buffer.from(splitter.takeBack() ?? '').toString()).toBe('tw')
  expect([splitter.takeBack(), splitter.end()]).toEqual([Buffer.alloc(0), []])
})
