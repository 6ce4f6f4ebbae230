import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { approve, ready } from './approver.ts'
import { openApprovals, statesOf } from './asking.ts'
import { heldSpace, onBell } from './held-space.ts'
import { identityAt, signIn } from './signing-in.ts'
import type { Workspace } from './workspace.ts'

let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.close())

describe('approve while', () => {
  it.each(['queue', 'deny'])(
    'the client cancels (%s): the call is sent or not, and the log says which',
    async (onTimeout) => {
      await using held = await heldSpace({ approval: { onTimeout } })
      await using session = await held.session()
      for (const [words, together] of [
        ['first the cancellation', false],
        ['both at once', true],
      ] as const) {
        const { approval, request } = await session.held(words)
        await using person = await ready(held.space, approval)
        const cancel = () =>
          session.client.send({
            jsonrpc: '2.0',
            method: 'notifications/cancelled',
            params: { requestId: request },
          })
        const cancelled = Promise.withResolvers<void>()
        // The answer rings the bell for hoopctl and for this client alike.
        if (together) onBell(held.space, () => void cancel().then(cancelled.resolve))
        if (!together) {
          await cancel().then(cancelled.resolve)
          await session.caughtUp()
        }
        await person.press('a')
        await person.ended()
        await cancelled.promise
        await session.caughtUp()
        const sent = await held.sent(words)
        const states = await statesOf(held.space, approval)
        expect([sent, states.includes('approved')]).toEqual(sent === 1 ? [1, true] : [0, false])
        expect(together || sent === 0).toBe(true)
        const isOpen = (await openApprovals(held.space)).length > 0
        expect(isOpen).toBe(sent === 0 && onTimeout === 'queue')
        if (!isOpen) continue
        await session.told(await session.call(words))
        await session.caughtUp()
        expect(await held.sent(words)).toBeLessThanOrEqual(1)
      }
      await session.client.end()
      await held.holds()
    },
  )

  it('the grant behind it is revoked, or ends: it is decided again, and not sent', async () => {
    const grant = (duration: object) => ({
      name: 'echoes',
      server: 'raw',
      who: 'everyone',
      activate: { mode: 'session' },
      rules: [{ ask: { tool: 'echo' } }],
      ...duration,
    })
    for (const [how, duration] of [
      ['revoked', {}],
      ['ended', { duration: { max: '5s' } }],
    ] as const) {
      await using held = await heldSpace({ rules: [], policy: { grants: [grant(duration)] } })
      await using session = await held.session()
      const { approval, request } = await session.held(how)
      await using person = await ready(held.space, approval)
      if (how === 'revoked') await held.space.hoopctl('revoke', 'echoes')
      else await vi.waitUntil(async () => (await grantsOf(held.space)).length === 0, { timeout: 30_000 })
      await person.press('a')
      const { isError, text } = await session.told(request)
      expect([isError, text.includes('no rule')]).toEqual([true, true])
      await session.caughtUp()
      expect(await held.sent(how)).toBe(0)
      await session.client.end()
      await held.holds()
    }
  })

  it('the person signs out: it is not sent', async () => {
    await using held = await heldSpace({ policy: { identity: identityAt(provider) } })
    expect(await signIn('alice', provider, held.space)).toMatchObject({ exitCode: 0 })
    await using session = await held.session()
    const { approval, request } = await session.held()
    await using person = await ready(held.space, approval)
    expect(await held.space.hoopctl('logout')).toMatchObject({ exitCode: 0 })
    await person.press('a')
    const { isError, text } = await session.told(request)
    expect([isError, text.includes('nobody is signed in')]).toEqual([true, true])
    await session.caughtUp()
    expect(await held.sent()).toBe(0)
    await session.client.end()
    await held.holds()
  })

  it('another approves: the call is sent once, and one of them hears that they were late or the second', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval, request } = await session.held()
    await using one = await ready(held.space, approval)
    await using other = await ready(held.space, approval)
    await Promise.all([one.press('a'), other.press('a')])
    const codes = [(await one.ended()).exitCode, (await other.ended()).exitCode]
    expect([codes.includes(0), codes.filter((code) => ![0, 6].includes(code))]).toEqual([true, []])
    expect(await session.told(request)).toMatchObject({ isError: false })
    await session.caughtUp()
    expect(await held.sent()).toBe(1)
    await session.client.end()
    await held.holds()
  })

  it('another denies: whoever was first, it is sent once or never', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval, request } = await session.held()
    await using one = await ready(held.space, approval)
    await using other = await ready(held.space, approval)
    await other.press('d')
    await other.shows('Deny. A message')
    await Promise.all([one.press('a'), other.press('Enter')])
    const codes = [(await one.ended()).exitCode, (await other.ended()).exitCode]
    const { isError } = await session.told(request)
    await session.caughtUp()
    expect([await held.sent(), codes.includes(0)]).toEqual([isError ? 0 : 1, true])
    await session.client.end()
    await held.holds()
  })
})

describe('two sessions with one approval', () => {
  it('repeat the call at once: exactly one passes', async () => {
    await using held = await heldSpace({ approval: { wait: '1s' } })
    await using one = await held.session()
    await using other = await held.session()
    const { approval, request } = await one.held()
    expect((await one.told(request)).text).toContain(`waiting for approval ${approval}`)
    expect((await other.told(await other.call())).text).toContain(`waiting for approval ${approval}`)
    expect(await approve(held.space, approval)).toBe(0)
    const both = await Promise.all([one.call(), other.call()])
    const told = [await one.told(both[0]), await other.told(both[1])]
    expect(told.filter(({ isError }) => isError)).toHaveLength(1)
    await Promise.all([one.caughtUp(), other.caughtUp()])
    expect(await held.sent()).toBe(1)
    for (const { client } of [one, other]) await client.end()
    await held.holds()
  })
})

describe('a server that answers a call which it did not get', () => {
  it('reaches nobody, and the call waits on', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval, request } = await session.held()
    await session.server.send({ jsonrpc: '2.0', id: request, result: { content: [] } })
    await session.caughtUp()
    expect(await approve(held.space, approval)).toBe(0)
    expect(await session.told(request)).toMatchObject({
      isError: false,
      text: expect.stringContaining('words'),
    })
    expect(await held.sent()).toBe(1)
    await session.client.end()
    await held.holds()
  })
})

async function grantsOf(space: Workspace): Promise<readonly string[]> {
  const { stdout } = await space.hoopctl('status', '--json')
  const { shims } = JSON.parse(stdout) as {
    readonly shims: readonly { readonly grants: readonly string[] }[]
  }
  return shims.flatMap(({ grants }) => grants)
}
