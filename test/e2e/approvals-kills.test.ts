import { describe, expect, it } from 'vitest'
import { approve, approver, ready } from './approver.ts'
import { openApprovals } from './asking.ts'
import { heldSpace, onBell } from './held-space.ts'
import { untilGone } from './processes.ts'

const MAY_HAVE_HAPPENED = 'the same call was sent before and never answered: it may have happened'

describe('kill -9 of hoopctl', () => {
  it('before the answer: the question is off the screens, and nothing is sent', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval } = await session.held()
    await using person = await approver(held.space)
    await person.shows(approval)
    await session.kill()
    await person.shows('No call waits')
    await using late = await approver(held.space, { words: [approval] })
    const { exitCode, printed } = await late.ended()
    expect([exitCode, printed.includes(`${approval} ended: its session ended`)]).toEqual([6, true])
    await using next = await held.session()
    const again = await next.held()
    expect([again.approval === approval, await held.sent()]).toEqual([false, 0])
    await held.holds()
  })

  it('after the answer, before it was looked at: the repetition asks anew', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval } = await session.held()
    session.client.child.kill('SIGSTOP')
    expect(await approve(held.space, approval)).toBe(0)
    await session.kill()
    await using next = await held.session()
    const again = await next.held()
    expect([again.approval === approval, await held.sent()]).toEqual([false, 0])
    expect(await approve(held.space, again.approval)).toBe(0)
    expect(await next.told(again.request)).toMatchObject({ isError: false })
    expect(await held.sent()).toBe(1)
    await next.client.end()
    await held.holds()
  })

  it('with the repetition of an approved call unread: the approval is still there for the next', async () => {
    await using held = await heldSpace({ approval: { wait: '1s' } })
    await using session = await held.session()
    const { approval, request } = await session.held()
    await session.told(request)
    session.client.child.kill('SIGSTOP')
    await session.call()
    expect(await approve(held.space, approval)).toBe(0)
    await session.kill()
    expect(await held.sent()).toBe(0)
    await using next = await held.session()
    expect(await next.told(await next.call())).toMatchObject({ isError: false })
    expect((await next.told(await next.call())).isError).toBe(true)
    expect(await held.sent()).toBe(1)
    await next.client.end()
    await held.holds()
  })

  it('after it was sent, before its answer: the repetition asks, and says that it may have happened', async () => {
    await using held = await heldSpace({ flags: ['--hold'] })
    await using session = await held.session()
    const { approval } = await session.held()
    expect(await approve(held.space, approval)).toBe(0)
    await session.server.received.find((line) => line.includes('tools/call'))
    await session.kill()
    await using next = await held.session()
    const again = await next.held()
    await using person = await ready(held.space, again.approval)
    await person.shows(`${MAY_HAVE_HAPPENED} (approval ${approval}`)
    expect(await held.sent()).toBe(1)
    await person.press('a')
    await next.server.received.find((line) => line.includes('tools/call'))
    expect(await held.sent()).toBe(2)
    await held.holds()
  })

  it.each([1, 2])(
    'the moment that the shared state changes, %s. time after the key: sent at most once',
    async (nth) => {
      await using held = await heldSpace()
      await using session = await held.session()
      const { approval } = await session.held()
      await using person = await ready(held.space, approval)
      let rung = 0
      onBell(held.space, () => ++rung === nth && session.client.child.kill('SIGKILL'), 2)
      await person.press('a')
      await session.client.exited
      await session.server.gone
      const sent = await held.sent()
      expect(sent).toBeLessThanOrEqual(1)
      await using next = await held.session()
      const again = await next.held()
      await using screen = await approver(held.space, { words: [again.approval] })
      await screen.shows('left to answer')
      // On a busy machine the kill may come after the answer: then the screen knows that it happened.
      const told = new RegExp(`${MAY_HAVE_HAPPENED}|the same call was approved and sent before`, 'u')
      const isTold = told.test(await screen.screen())
      expect([again.approval === approval, sent === 1 && !isTold]).toEqual([false, false])
      expect(await held.sent()).toBe(sent)
      await held.holds()
    },
  )
})

describe('a client that goes away', () => {
  it('leaves its call queued: approved later, it passes once in another session', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval } = await session.held()
    expect(await session.client.end()).toEqual({ code: 0, signal: null })
    expect(await openApprovals(held.space)).toMatchObject([{ approval, state: 'queued' }])
    expect([await approve(held.space, approval), await held.sent()]).toEqual([0, 0])
    await using next = await held.session()
    expect(await next.told(await next.call())).toMatchObject({ isError: false })
    expect((await next.held()).approval).not.toBe(approval)
    expect(await held.sent()).toBe(1)
    await next.client.end()
    await held.holds()
  })
})

describe('kill -9 of the screen', () => {
  it('with the key unread: nothing is answered, and the next person can', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval, request } = await session.held()
    await using person = await ready(held.space, approval)
    process.kill(person.pid, 'SIGSTOP')
    await person.press('a')
    process.kill(person.pid, 'SIGKILL')
    await untilGone(person.pid)
    await session.caughtUp()
    expect([await held.sent(), await openApprovals(held.space)]).toMatchObject([
      0,
      [{ approval, state: 'held' }],
    ])
    expect(await approve(held.space, approval)).toBe(0)
    expect(await session.told(request)).toMatchObject({ isError: false })
    expect(await held.sent()).toBe(1)
    await session.client.end()
    await held.holds()
  })

  it('the moment that its answer is there: the call is sent once', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval, request } = await session.held()
    await using person = await ready(held.space, approval)
    onBell(held.space, () => process.kill(person.pid, 'SIGKILL'))
    await person.press('a')
    expect(await session.told(request)).toMatchObject({ isError: false })
    await session.caughtUp()
    expect(await held.sent()).toBe(1)
    await session.client.end()
    await held.holds()
  })
})

describe('kill -9 of the server', () => {
  it('before the answer: the client is told, what is queued is approved later and passes once', async () => {
    await using held = await heldSpace()
    await using session = await held.session()
    const { approval, request } = await session.held()
    process.kill(session.server.pid, 'SIGKILL')
    expect(await session.told(request)).toMatchObject({ isError: true })
    await session.client.exited
    expect(await openApprovals(held.space)).toMatchObject([{ approval, state: 'queued' }])
    expect(await approve(held.space, approval)).toBe(0)
    await using next = await held.session()
    expect(await next.told(await next.call())).toMatchObject({ isError: false })
    expect(await held.sent()).toBe(1)
    await next.client.end()
    await held.holds()
  })

  it('after it was sent: the repetition asks, and says that it may have happened', async () => {
    await using held = await heldSpace({ flags: ['--hold'] })
    await using session = await held.session()
    const { approval, request } = await session.held()
    expect(await approve(held.space, approval)).toBe(0)
    await session.server.received.find((line) => line.includes('tools/call'))
    process.kill(session.server.pid, 'SIGKILL')
    expect(await session.told(request)).toMatchObject({ isError: true })
    await session.client.exited
    await using next = await held.session()
    const again = await next.held()
    await using person = await approver(held.space, { words: [again.approval] })
    await person.shows(`${MAY_HAVE_HAPPENED} (approval ${approval}`)
    expect(await held.sent()).toBe(1)
    await held.holds()
  })
})
