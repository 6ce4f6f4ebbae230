import { describe, expect, it } from 'vitest'
import { approve, approver } from './approver.ts'
import { asked, decisions, logsHold, openApprovals, statesOf } from './asking.ts'
import { asking, call, write } from './asking-space.ts'
import { type Connected, connect } from './connect.ts'
import type { Workspace } from './workspace.ts'

const waiting = (id: string) => `waiting for approval ${id}: do other work, then repeat the same call`

describe('a call that nobody answers in time', () => {
  it('is queued; once approved, it passes exactly once in another session, and then it asks anew', async () => {
    await using space = await asking({ wait: '1s' })
    const id = await (async () => {
      await using client = await connect('files', space)
      const { isError, text } = await call(client, space)
      const first = await asked(client.stderr)
      expect([isError, text.includes(waiting(first))]).toEqual([true, true])
      expect(text).toContain(`hoopctl approve ${first}`)
      return first
    })()
    expect(await openApprovals(space)).toMatchObject([{ approval: id, state: 'queued' }])
    expect(await approve(space, id.toLowerCase())).toBe(0)
    expect(await space.has('note.txt')).toBe(false) // whoever asked has to repeat it
    await using other = await connect('files', space)
    expect((await call(other, space, 'note.txt', 'y')).text).not.toContain(id) // other arguments: a question of its own
    expect(await space.has('note.txt')).toBe(false)
    expect((await call(other, space)).isError).toBe(false)
    expect(await space.read('note.txt')).toBe('x')
    const anew = await call(other, space)
    const next = await asked(other.stderr, 2)
    expect([anew.isError, anew.text.includes(waiting(next)), next === id]).toEqual([true, true, false])
    await using person = await approver(space, { words: [next] })
    await person.shows(`the same call was approved and sent before (approval ${id}`)
    await other.client.close()
    expect((await decisions(space)).filter(({ effect }) => effect === 'allow')).toHaveLength(1)
    await logsHold(space)
  })

  it('says while it waits that it waits, in the same session, and passes there once after the yes', async () => {
    await using space = await asking({ wait: '1s' })
    await using client = await connect('files', space)
    const first = await call(client, space)
    const id = await asked(client.stderr)
    const again = await call(client, space)
    expect([first, again].map(({ isError, text }) => isError && text.includes(waiting(id)))).toEqual([
      true,
      true,
    ])
    expect(await openApprovals(space)).toHaveLength(1)
    expect(await approve(space, id)).toBe(0)
    expect(await call(client, space)).toMatchObject({ isError: false })
    await client.client.close()
    await logsHold(space)
  })

  it('given that nobody answers before its end either, says so, and the same call asks anew', async () => {
    await using space = await asking({ wait: '1s', timeout: '2s' })
    await using client = await connect('files', space)
    await call(client, space)
    const id = await asked(client.stderr)
    await using late = await approver(space, { words: [id] })
    const { exitCode, printed } = await late.ended()
    expect([exitCode, printed.includes(`${id} ran out at`)]).toEqual([6, true])
    const called = call(client, space)
    const next = await asked(client.stderr, 2)
    await using person = await approver(space, { words: [next] })
    await person.shows(`approval ${id} for the same call expired`)
    expect((await called).text).toContain(waiting(next))
    expect(await space.has('note.txt')).toBe(false)
    await client.client.close()
    await logsHold(space)
  })

  it('given `onTimeout: deny`, is denied', async () => {
    await using space = await asking({ wait: '1s', onTimeout: 'deny' })
    await using client = await connect('files', space)
    const { isError, text } = await call(client, space)
    expect([isError, text.includes('nobody answered within 1 s')]).toEqual([true, true])
    const id = await asked(client.stderr)
    expect([await openApprovals(space), await approveOver(space, id)]).toEqual([[], 6])
    expect(await space.has('note.txt')).toBe(false)
    await client.client.close()
    expect(await statesOf(space, id)).toEqual(['waiting', 'expired'])
    await logsHold(space)
  })
})

describe('a client that does not wait', () => {
  it.each(['cancels', 'times out'])(
    'that %s: what would be queued is, and passes once approved',
    async (how) => {
      await using space = await asking()
      await using client = await connect('files', space)
      const id = await leftBehind(client, space, how)
      expect(await openApprovals(space)).toMatchObject([{ approval: id, state: 'queued' }])
      expect(await approve(space, id)).toBe(0)
      expect(await space.has('note.txt')).toBe(false)
      expect(await call(client, space)).toMatchObject({ isError: false })
      expect(await space.read('note.txt')).toBe('x')
      await client.client.close()
      expect(await statesOf(space, id)).toEqual(['waiting', 'queued', 'waiting', 'approved'])
      await logsHold(space)
    },
  )

  it.each(['cancels', 'times out'])('that %s: what would be denied is withdrawn', async (how) => {
    await using space = await asking({ onTimeout: 'deny' })
    await using client = await connect('files', space)
    const id = await leftBehind(client, space, how)
    expect([await openApprovals(space), await approveOver(space, id)]).toEqual([[], 6])
    expect(await space.has('note.txt')).toBe(false)
    await client.client.close()
    expect(await statesOf(space, id)).toEqual(['waiting', 'withdrawn'])
    await logsHold(space)
  })
})

/** Calls, stops waiting, and returns the approval's id once hoopctl has taken that in. */
async function leftBehind({ client, stderr }: Connected, space: Workspace, how: string): Promise<string> {
  const abort = new AbortController()
  const options = how === 'cancels' ? { signal: abort.signal } : { timeout: 1000 }
  const called = client
    .callTool(write(space), undefined, options)
    .catch((failure: unknown) => String(failure))
  const id = await asked(stderr)
  if (how === 'cancels') abort.abort('enough')
  expect(await called).toContain(how === 'cancels' ? 'enough' : 'timed out')
  await client.ping() // what was sent before it has been taken in
  return id
}

/** Runs `hoopctl approve ID` for what is over, and returns its exit code. */
async function approveOver(space: Workspace, id: string): Promise<number> {
  await using person = await approver(space, { words: [id] })
  return (await person.ended()).exitCode
}
