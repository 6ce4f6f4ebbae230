import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GRANTS, type GrantHolder, grantHolder, OS_USER } from '../grant-holder.ts'

let holder: GrantHolder
beforeEach(async () => {
  holder = await grantHolder(GRANTS)
  await holder.activate('orders-write')
  await holder.activate('orders-list')
})
afterEach(() => holder[Symbol.asyncDispose]())

const live = () =>
  holder.shared(({ activations }) =>
    activations
      .live({}, holder.clock)
      .map(({ grant }) => grant)
      .sort(),
  )
const revocations = () =>
  holder.shared(({ events }) => events.since(0).map(({ kind, fields }) => ({ kind, ...fields })))

describe('revoke', () => {
  it('given a grant, ends it alone, and tells running sessions', async () => {
    const rung = Promise.withResolvers<void>()
    await holder.shared(async ({ shared }) => {
      const silence = shared.onBell(rung.resolve)
      expect(await holder.hoopctl(['revoke', 'orders-write'])).toEqual({
        exitCode: 0,
        stdout: 'Ended orders-write.\n',
        stderr: '',
      })
      await rung.promise
      silence()
    })
    expect(await live()).toEqual(['orders-list'])
    expect(await revocations()).toEqual([{ kind: 'revoke', grant: 'orders-write', by: OS_USER }])
  })

  it('given --all, ends all, whoever asked for it under whatever policy', async () => {
    await holder.activate('other', { policy: 'trust:00', sub: 'bob' })
    expect((await holder.hoopctl(['revoke', '--all', '--json'])).stdout).toBe(
      '{"revoked":["orders-list","orders-write","other"]}\n',
    )
    expect(await live()).toEqual([])
    expect(await revocations()).toEqual([{ kind: 'revoke', grant: '*', by: OS_USER }])
    expect(await holder.hoopctl(['revoke', '--all'])).toEqual({
      exitCode: 0,
      stdout: 'Nothing is active.\n',
      stderr: '',
    })
  })

  it('given a grant that a session started by itself, ends it there', async () => {
    const started = {
      name: 'orders-read',
      mode: 'session',
      started: holder.clock,
      expires: null,
      reason: null,
    } as const
    const session = { session: 's1', pid: process.pid, server: 'orders', policy: 'p', started: holder.clock }
    await holder.shared(({ shims }) => shims.register({ ...session, subject: null, grants: [started] }))
    expect((await holder.hoopctl(['revoke', 'orders-read'])).stdout).toBe('Ended orders-read.\n')
    expect(await revocations()).toEqual([{ kind: 'revoke', grant: 'orders-read', by: OS_USER }])
  })

  it('given a grant that is not active, says so; sessions are told all the same', async () => {
    expect(await holder.hoopctl(['revoke', 'orders-read'])).toEqual({
      exitCode: 0,
      stdout: 'orders-read is not active.\n',
      stderr: '',
    })
    expect(await revocations()).toHaveLength(1)
  })

  it.each([
    {
      args: ['orders-wirte'],
      code: 'UNKNOWN_GRANT',
      message: 'there is no grant `orders-wirte`, did you mean `orders-write`?',
      hint: 'active are: orders-list, orders-write',
    },
    {
      args: [],
      code: 'USAGE',
      message: 'which grant shall end?',
      hint: 'run: hoopctl revoke orders-list | orders-write | --all',
    },
    {
      args: ['orders-write', '--all'],
      code: 'USAGE',
      message: '`--all` and a grant were both given',
      hint: 'leave out one of them',
    },
  ])('given $args, ends nothing', async ({ args, ...error }) => {
    const { exitCode, stdout } = await holder.hoopctl(['revoke', '--json', ...args])
    expect({ exitCode, told: JSON.parse(stdout) }).toEqual({ exitCode: 2, told: { error } })
    expect(await live()).toEqual(['orders-list', 'orders-write'])
    expect(await revocations()).toEqual([])
  })

  it('given no policy, or one that cannot be read, ends what is active all the same', async () => {
    const path = join(holder.home, 'config', 'policy.yaml')
    await writeFile(path, 'no: policy\n')
    expect((await holder.hoopctl(['revoke', 'orders-write'])).exitCode).toBe(0)
    await rm(path)
    expect((await holder.hoopctl(['revoke', 'orders-list'])).exitCode).toBe(0)
    expect(await live()).toEqual([])
    expect((await holder.hoopctl(['revoke', 'orders-list'])).exitCode).toBe(2)
  })
})
