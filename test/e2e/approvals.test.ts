import { describe, expect, it } from 'vitest'
import { approve, approver } from './approver.ts'
import { asked, logsHold, openApprovals, statesOf } from './asking.ts'
import { asking, call, told, write } from './asking-space.ts'
import { connect } from './connect.ts'
import { connectV2 } from './connect-v2.ts'
import { NODE, packageFile } from './repo.ts'
import { type Workspace, workspace } from './workspace.ts'

describe('a held call', () => {
  const ERAS = {
    'the first SDK, 2025-11-25': (space: Workspace) => connect('files', space),
    'the second SDK, 2026-07-28': (space: Workspace) => connectV2('notes', space, 'modern'),
  }

  it.each(Object.entries(ERAS))('given %s and a key at a terminal, is sent', async (era, open) => {
    await using space = await asking()
    await using client = await open(space)
    const note = { name: 'write_note', arguments: { name: 'note.txt', content: 'x' } }
    const called = client.client.callTool(era.endsWith('2026-07-28') ? note : write(space))
    const id = await asked(client.stderr)
    expect(await openApprovals(space)).toMatchObject([{ approval: id, state: 'held' }])
    expect((await space.hoopctl('status')).stdout).toContain(`left to answer: hoopctl approve ${id}`)
    expect(await space.has('note.txt')).toBe(false)
    await using person = await approver(space)
    await person.answer(id, 'a', `Approved ${id}`)
    expect(told(await called).isError).toBe(false)
    expect(await space.read('note.txt')).toBe('x')
    await person.shows('No call waits for an answer')
    expect(await openApprovals(space)).toEqual([])
    await client.client.close()
    expect(await statesOf(space, id)).toEqual(['waiting', 'approved'])
    await logsHold(space)
  })

  it('given a denial with a message, is not sent, and the model is told', async () => {
    await using space = await asking()
    await using client = await connect('files', space)
    const called = call(client, space)
    const id = await asked(client.stderr)
    await using person = await approver(space)
    await person.answer(id, 'd', 'Deny. A message to the model')
    await person.type('no ticket')
    await person.press('Enter')
    await person.shows(`Denied ${id}`)
    const { isError, text } = await called
    expect([isError, text.includes('denied it and wrote: "no ticket"')]).toEqual([true, true])
    expect(await space.has('note.txt')).toBe(false)
    await client.client.close()
    expect(await statesOf(space, id)).toEqual(['waiting', 'denied'])
    await logsHold(space)
  })

  it('given an editor, is sent as the person edited it, and the model is told', async () => {
    await using space = await asking({ edit: true })
    await using client = await connect('files', space)
    const called = call(client, space, 'note.txt', 'a draft')
    const id = await asked(client.stderr)
    await using person = await approver(space, { env: { EDITOR: 'sed -i.before s/draft/text/' } })
    await person.answer(id, 'e', '+ │   "content": "a text"')
    await person.keysCount()
    await person.press('a')
    await person.shows(`Approved ${id}`)
    const { isError, text } = await called
    expect([isError, text.includes('a person changed the arguments')]).toEqual([false, true])
    expect(await space.read('note.txt')).toBe('a text')
    await client.client.close()
    const { stdout } = await space.hoopctl('sessions', 'show', '1')
    expect(stdout).toContain(`approval ${id} is approved by`)
    expect(stdout).toMatch(/with other arguments: .*"a text"/u)
    await logsHold(space)
  })

  it('given a word to confirm by, is sent once that was typed', async () => {
    await using space = await asking({ confirm: 'type' })
    await using client = await connect('files', space)
    const called = call(client, space)
    const id = await asked(client.stderr)
    await using person = await approver(space)
    await person.answer(id, 'a', 'To approve, type write_file and Return')
    await person.type('write')
    await person.press('Enter')
    await person.shows('that is not the word')
    expect(await openApprovals(space)).toMatchObject([{ approval: id, state: 'held' }])
    await person.type('write_file')
    await person.press('Enter')
    await person.shows(`Approved ${id}`)
    expect((await called).isError).toBe(false)
    expect(await space.read('note.txt')).toBe('x')
    await logsHold(space)
  })

  it('given an answer that is remembered, passes again without a question until a key ends that', async () => {
    await using space = await asking({ remember: { count: 5, for: '1h' } })
    await using client = await connect('files', space)
    const called = call(client, space)
    const id = await asked(client.stderr)
    await using person = await approver(space)
    await person.answer(id, 'r', `Approved ${id}`)
    expect([(await called).isError, (await call(client, space)).isError]).toEqual([false, false])
    expect(await openApprovals(space)).toMatchObject([{ approval: id, state: 'remembered', left: 3 }])
    const { stdout } = await space.hoopctl('status')
    expect(stdout).toContain(`an answer is remembered for 3 more`)
    await person.press('m')
    await person.shows(`> ${id} 3x`)
    await person.press('x')
    await person.shows('is not remembered any more')
    const third = call(client, space)
    const again = await asked(client.stderr, 2)
    expect([again === id, await openApprovals(space)]).toMatchObject([false, [{ state: 'held' }]])
    expect(await approve(space, again, 'a')).toBe(0)
    expect((await third).isError).toBe(false)
    await client.client.close()
    expect(await statesOf(space, id)).toEqual(['waiting', 'approved', 'remembered'])
    await logsHold(space)
  })

  it('given a client that asks for progress, keeps it waiting beyond its patience; the server’s own comes after', async () => {
    const rules = [{ ask: { tool: 'trigger-long-running-operation' } }]
    const server = packageFile('@modelcontextprotocol/server-everything', 'dist/index.js')
    const servers = () => ({ all: { run: { command: NODE, args: [server, 'stdio'] } } })
    await using space = await workspace({ rules, servers })
    await using client = await connect('all', space)
    const steps = { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 } }
    const progress: number[] = []
    const twice = Promise.withResolvers<void>()
    const called = client.client.callTool(steps, undefined, {
      timeout: 7000, // told every 5 s, and approved after 10 s
      resetTimeoutOnProgress: true,
      onprogress: (told) => {
        if (progress.push(told.progress) === 2) twice.resolve()
      },
    })
    const id = await asked(client.stderr)
    await using person = await approver(space, { words: [id] })
    await Promise.race([twice.promise, called])
    await person.answer(id, 'a', `Approved ${id}`)
    expect(told(await called).isError).toBe(false)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress.slice(0, 3)).toEqual([-1, -0.5, 1]) // the last is the server's
    await client.client.close()
    await logsHold(space)
  })
})

describe('around the questions', () => {
  it('given as many calls that wait as may, denies the next; when one was answered, it may ask', async () => {
    await using space = await asking({}, { approvals: { maxWaiting: 2 } })
    await using client = await connect('files', space)
    const calls = ['a.txt', 'b.txt'].map((name) => call(client, space, name))
    const first = await asked(client.stderr)
    const second = await asked(client.stderr, 2)
    const tooMany = await call(client, space, 'c.txt')
    expect([tooMany.isError, tooMany.text.includes('too many calls')]).toEqual([true, true])
    expect(await approve(space, first)).toBe(0)
    expect(await calls[0]).toMatchObject({ isError: false })
    const third = call(client, space, 'c.txt')
    const id = await asked(client.stderr, 3)
    expect(await approve(space, id)).toBe(0)
    expect(await third).toMatchObject({ isError: false })
    expect(await approve(space, second)).toBe(0)
    expect(await calls[1]).toMatchObject({ isError: false })
    expect([await space.has('a.txt'), await space.has('b.txt'), await space.has('c.txt')]).toEqual([
      true,
      true,
      true,
    ])
  })

  it('while one is held, other calls of the session pass it', async () => {
    await using space = await asking()
    await using client = await connect('files', space)
    const called = call(client, space)
    const id = await asked(client.stderr)
    const listed = told(await client.client.callTool({ name: 'list_allowed_directories', arguments: {} }))
    expect(listed.isError).toBe(false)
    expect(await approve(space, id)).toBe(0)
    expect(await called).toMatchObject({ isError: false })
  })

  it('given no terminal, `approve` exits with 2 and answers nothing', async () => {
    await using space = await asking()
    const { exitCode, stderr, stdout } = await space.hoopctl('approve')
    expect([exitCode, stdout]).toEqual([2, ''])
    expect(stderr).toContain('a person answers at a terminal, and there is none here')
  })
})
