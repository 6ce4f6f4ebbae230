import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it, vi } from 'vitest'
import { SignIns } from '../../src/identity/sign-ins.ts'
import { aHome, partsIn } from './a-token-store.ts'
import { startProvider, type TestProvider } from './provider.ts'
import { SETTINGS, signedIn } from './signed-in.ts'

const SCRIPT = join(import.meta.dirname, '..', 'fixtures', 'identity', 'renew-once.ts')

interface Renewing {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
}

function renewing(home: string, server: TestProvider, minutes: number): Renewing {
  const child = spawn(process.execPath, [SCRIPT, home, server.issuer, String(minutes)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

const next = async ({ lines }: Renewing): Promise<unknown> => (await lines.next()).value

afterEach(() => void vi.restoreAllMocks())

/** Moves the clock of this process, which is the provider's. */
function pass(minutes: number): void {
  const real = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => real() + minutes * 60_000)
}

it('[ATK-REFRESH-REUSE] given ten processes at once, the provider sees one refresh and all are signed in', async () => {
  await using server = await startProvider()
  using home = aHome()
  await new SignIns(partsIn(home.directory, () => new Date())).keep(await signedIn(server, 'alice'))
  pass(16)
  const held = server.hold()
  const ten = Array.from({ length: 10 }, () => renewing(home.directory, server, 16))
  expect(await Promise.all(ten.map(next))).toEqual(Array(10).fill('ready'))
  await held.first
  held.release()
  const ends = await Promise.all(ten.map(next))
  expect(ends).toEqual(Array(10).fill('{"sub":"alice","fault":null}'))
  expect(Object.fromEntries(server.grants)).toMatchObject({ refresh_token: 1 })
  expect(server.grants.has('failed:refresh_token')).toBe(false)
})

it('[ATK-REFRESH-REUSE] given a process that is killed while it refreshes, the next one refreshes', async () => {
  await using server = await startProvider()
  using home = aHome()
  const parts = partsIn(home.directory, () => new Date())
  await new SignIns(parts).keep(await signedIn(server, 'alice'))
  pass(16)
  const held = server.hold()
  const killed = renewing(home.directory, server, 16)
  await held.first
  const waiting = renewing(home.directory, server, 16)
  expect(await next(waiting)).toBe('ready')
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  held.release()
  expect(await next(waiting)).toBe('{"sub":"alice","fault":null}')
  expect(Object.fromEntries(server.grants)).toMatchObject({ refresh_token: 1 })
  const settings = { ...SETTINGS, issuer: server.issuer }
  const later = partsIn(home.directory, () => new Date(Date.now()))
  expect(await new SignIns(later).current(settings)).toMatchObject({ claims: { sub: 'alice' } })
})
