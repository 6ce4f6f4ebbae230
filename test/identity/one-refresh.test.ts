import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { SignIns } from '../../src/identity/sign-ins.ts'
import { aHome, partsIn } from './a-token-store.ts'
import { startProvider, type TestProvider } from './provider.ts'
import { SETTINGS, signedIn } from './signed-in.ts'

const SCRIPT = join(import.meta.dirname, '..', 'fixtures', 'identity', 'renew-once.ts')

interface Renewing {
  readonly child: ChildProcess
  readonly lines: AsyncIterator<string>
}

function renewing(home: string, server: TestProvider, minutes: number, ...more: string[]): Renewing {
  const child = spawn(process.execPath, [SCRIPT, home, server.issuer, String(minutes), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

const next = async ({ lines }: Renewing): Promise<unknown> => (await lines.next()).value

afterEach(() => void vi.restoreAllMocks())

const real = Date.now

/** Sets the clock of this process, which is the provider's, to so long after now. */
function pass(minutes: number): void {
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

const SETTINGS_OF = ({ issuer }: TestProvider) => ({ ...SETTINGS, issuer })

async function killed({ child }: Renewing): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('[ATK-REFRESH-REUSE] given a process that is killed while it refreshes', () => {
  it('before the provider has taken the token, the next ones do not send it until the claims are about to end, then it renews', async () => {
    await using server = await startProvider()
    using home = aHome()
    const later = new SignIns(partsIn(home.directory, () => new Date(Date.now())))
    await later.keep(await signedIn(server, 'alice'))
    pass(16)
    const held = server.hold()
    const first = renewing(home.directory, server, 16)
    await held.first
    const waiting = renewing(home.directory, server, 16)
    expect(await next(waiting)).toBe('ready')
    await killed(first)
    held.release()
    expect(await next(waiting)).toBe('{"sub":"alice","fault":"NOT_SIGNED_IN"}')
    pass(11 * 60 + 44)
    const early = await later.renewWhenDue(SETTINGS_OF(server))
    expect(early).toMatchObject({ signIn: { claims: { sub: 'alice' } }, fault: { code: 'NOT_SIGNED_IN' } })
    expect(server.grants.has('refresh_token')).toBe(false)
    pass(11 * 60 + 46)
    const renewed = await new SignIns(partsIn(home.directory, () => new Date(Date.now()))).renewWhenDue(
      SETTINGS_OF(server),
    )
    expect(renewed).toMatchObject({ signIn: { claims: { sub: 'alice' } }, fault: null })
    expect(Object.fromEntries(server.grants)).toMatchObject({ refresh_token: 1 })
  })

  it('after the provider has answered, nobody sends the spent token: the sign-in goes on, and a new one is renewed again', async () => {
    await using server = await startProvider()
    using home = aHome()
    const later = () => new SignIns(partsIn(home.directory, () => new Date(Date.now())))
    await later().keep(await signedIn(server, 'alice'))
    pass(16)
    const first = renewing(home.directory, server, 16, 'stop')
    expect([await next(first), await next(first)]).toEqual(['ready', 'answered'])
    await killed(first)
    const second = renewing(home.directory, server, 16)
    expect([await next(second), await next(second)]).toEqual([
      'ready',
      '{"sub":"alice","fault":"NOT_SIGNED_IN"}',
    ])
    expect(server.grants.has('failed:refresh_token')).toBe(false)
    expect(await later().current(SETTINGS_OF(server))).toMatchObject({ claims: { sub: 'alice' } })
    await later().keep(await signedIn(server, 'alice'))
    pass(32)
    expect(await later().renewWhenDue(SETTINGS_OF(server))).toMatchObject({ fault: null })
    expect(Object.fromEntries(server.grants)).toMatchObject({ refresh_token: 2 })
  })

  it('after the provider has answered, the token is tried once the claims are about to end, and the sign-in ends', async () => {
    await using server = await startProvider()
    using home = aHome()
    const later = new SignIns(partsIn(home.directory, () => new Date(Date.now())))
    await later.keep(await signedIn(server, 'alice'))
    pass(16)
    const first = renewing(home.directory, server, 16, 'stop')
    expect([await next(first), await next(first)]).toEqual(['ready', 'answered'])
    await killed(first)
    pass(11 * 60 + 46)
    expect(await later.renewWhenDue(SETTINGS_OF(server))).toMatchObject({ signIn: { kind: 'ended' } })
  })
})
