import { describe, expect, it } from 'vitest'
import { benchOfOne } from './bench-of-one.ts'
import { knowTools } from './known-tools.ts'
import { answer, call, notice, request, text } from './messages.ts'

const POLICY = `
rules:
  - allow: { tool: a }
  - allow: { serverRequest: roots }`

const progress = (progressToken: unknown) =>
  notice('notifications/progress', { progressToken, progress: 0.5, message: 'half' })
const withToken = (id: number, tool: string, progressToken: unknown) =>
  call(id, tool, {}, { _meta: { progressToken } })

describe('progress of the server', () => {
  it.each(['p', 7, 0, '7'])(
    'given the token %j of an open call, passes until that is answered [INV-7]',
    async (token) => {
      const bench = await benchOfOne(POLICY)
      await knowTools(bench)
      await bench.client(withToken(1, 'a', token))
      expect(await bench.server(progress(token))).toEqual({ client: [progress(token)], server: [] })
      await bench.server(text(1, 'done'))
      expect(await bench.server(progress(token))).toEqual({ client: [], server: [] })
      expect(bench.records('notification').at(-1)).toMatchObject({
        decision: { effect: 'deny', why: 'its token belongs to no allowed call' },
      })
    },
  )

  it.each([
    { given: 'a token of nobody', token: 'other' },
    { given: 'the same token as a number', token: 7 },
    { given: 'no token', token: undefined },
    { given: 'a token that is a list', token: ['7'] },
    { given: 'the id of the call', token: 1 },
  ])('given $given, goes no further [ATK-FOREIGN-TOKEN]', async ({ token }) => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(withToken(1, 'a', '7'))
    expect(await bench.server(progress(token))).toEqual({ client: [], server: [] })
  })

  it('given the token of a denied call, goes no further', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(withToken(1, 'b', 'p'))
    expect(await bench.server(progress('p'))).toEqual({ client: [], server: [] })
  })

  it('given the token of a cancelled call, passes until its late answer [INV-7]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(withToken(1, 'a', 'p'), notice('notifications/cancelled', { requestId: 1 }))
    expect((await bench.server(progress('p'))).client).toEqual([progress('p')])
    await bench.server(text(1, 'late'))
    expect((await bench.server(progress('p'))).client).toEqual([])
  })

  it('given ten thousand for nobody, passes none and records how many there were [ATK-FLOOD]', async () => {
    const bench = await benchOfOne(POLICY)
    const flood = Array.from({ length: 10_000 }, (_, n) => progress(`t${n}`))
    expect(await bench.server(...flood)).toEqual({ client: [], server: [] })
    const recorded = bench.records('notification')
    const numbers = [...Array.from({ length: 256 }, (_, n) => n + 1), 512, 1024, 2048, 4096, 8192]
    const which = numbers.map((number) => JSON.parse(flood[number - 1] ?? ''))
    expect(recorded.map(({ message }) => message)).toEqual(which)
    const why = 'its token belongs to no allowed call'
    const after = (number: number) =>
      `${why}; it is number ${number} of this method to be dropped, and the next to be recorded is number ${2 * number}`
    expect(recorded.slice(254).map(({ decision }) => decision)).toEqual(
      [why, ...[256, 512, 1024, 2048, 4096, 8192].map(after)].map((said) => {
        return { effect: 'deny', rules: [], why: said }
      }),
    )
  })

  it('given a flood under names that nobody knows, records each other method as before [ATK-FLOOD]', async () => {
    const bench = await benchOfOne(POLICY)
    const flood = Array.from({ length: 1000 }, (_, n) => notice(`notifications/n${n}`, {}))
    await bench.server(
      ...flood,
      progress('nobody'),
      notice('notifications/message', { level: 'info', data: 1 }),
    )
    const methods = bench.records('notification').map(({ method }) => method)
    expect(methods.slice(255)).toEqual([
      'notifications/n255',
      'notifications/n511',
      'notifications/progress',
      'notifications/message',
    ])
  })

  it('given a flood of what passes, passes and records each [INV-6]', async () => {
    const bench = await benchOfOne(POLICY)
    const flood = Array.from({ length: 1000 }, (_, n) =>
      notice('notifications/message', { level: 'info', data: n }),
    )
    expect(await bench.server(...flood)).toEqual({ client: flood, server: [] })
    expect(bench.records('notification')).toHaveLength(1000)
  })
})

describe('progress of the client', () => {
  it('given the token of an open request of the server, passes; given any other, does not [ATK-FOREIGN-TOKEN]', async () => {
    const bench = await benchOfOne(POLICY)
    await knowTools(bench)
    await bench.client(withToken(1, 'a', 'own'))
    await bench.server(request('s', 'roots/list', { _meta: { progressToken: 'p' } }))
    const { server } = await bench.client(progress('p'), progress('own'), progress('s'), progress(undefined))
    expect(server).toEqual([progress('p')])
    await bench.client(answer('s', { roots: [] }))
    expect((await bench.client(progress('p'))).server).toEqual([])
  })
})
