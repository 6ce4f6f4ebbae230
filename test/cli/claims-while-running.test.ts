import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openSignIns } from '../../src/cli/open-sign-ins.ts'
import { eventually } from '../eventually.ts'
import { type HostileProvider, startHostileProvider } from '../identity/hostile-provider.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { fixture } from '../e2e/repo.ts'
import { fakeContext } from './fake-context.ts'
import { type GrantHolder, grantHolder } from './grant-holder.ts'
import { NODE } from './hoopctl.ts'
import { inBrowser } from './in-browser.ts'
import { type RunningShim, runningShim, stopTime } from './running-shim.ts'

const MINUTE = 60_000
// The key of the machine opens tokens in no time, and they are opened often here.
const WITHOUT_PASSPHRASE = { HOOPCTL_PASSPHRASE: '' }

let people: TestProvider
let platform: HostileProvider
let holder: GrantHolder
let notes: string

beforeAll(async () => {
  people = await startProvider()
  platform = await startHostileProvider()
})
afterAll(async () => {
  await people.close()
  await platform[Symbol.asyncDispose]()
})

beforeEach(async () => {
  notes = await mkdtemp(join(tmpdir(), 'hoopctl-notes-'))
  const workload = {
    issuer: platform.issuer,
    audience: 'hoopctl',
    groups: ['ci'],
    when: 'claims.sub == "alice"',
  }
  const policy = {
    apiVersion: 'hoopctl/v1',
    kind: 'Policy',
    metadata: { name: 'try' },
    identity: { issuer: people.issuer, clientId: 'hoopctl', maxAge: '20m', workloads: [workload] },
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), notes] } } },
    rules: [{ allow: { tool: 'write_note' } }],
  }
  holder = await grantHolder(JSON.stringify(policy), { going: true })
})
afterEach(async () => {
  vi.useRealTimers()
  people.fail(null)
  platform.lie = {}
  await holder[Symbol.asyncDispose]()
  await rm(notes, { recursive: true })
})

const env = () => ({ HOOPCTL_HOME: holder.home, PATH: '/usr/bin:/bin' })
const until = (end: Date | undefined) => vi.advanceTimersByTimeAsync((end?.getTime() ?? 0) - Date.now() + 10)
const write = (shim: RunningShim) => shim.call('write_note', { name: 'note.txt', content: 'x' })
const ENDED = /for too long. A person can sign in with: hoopctl login/

describe('given somebody who signed in and goes on working, a running shim', () => {
  /** When the provider confirmed the claims that are kept. */
  async function confirmed(): Promise<Date | undefined> {
    const { context } = fakeContext({ env: env(), now: () => new Date() })
    const settings = { issuer: people.issuer, clientId: 'hoopctl', maxAgeMs: 20 * MINUTE }
    const signIn = await (await openSignIns(context, null))?.current(settings)
    return signIn !== undefined && 'confirmed' in signIn ? signIn.confirmed : undefined
  }
  const after = (date: Date | undefined, minutes: number) =>
    new Date((date?.getTime() ?? 0) + minutes * MINUTE)

  beforeEach(async () => {
    stopTime()
    const words = ['login', '--browser', '--store', 'file']
    expect(await inBrowser(holder, people, words, { env: WITHOUT_PASSPHRASE })).toMatchObject({ exitCode: 0 })
    await vi.advanceTimersByTimeAsync(MINUTE / 2) // what a shim does each minute is not done as claims end
  })

  it('has their claims confirmed anew, so that they count on', async () => {
    await using shim = await runningShim(env())
    const first = await confirmed()
    await until(after(first, 17))
    await eventually(async () =>
      expect((await confirmed())?.getTime()).toBeGreaterThan(first?.getTime() ?? 0),
    )
    await until(after(first, 25))
    await eventually(async () => expect(await write(shim)).toBeNull())
  })

  it('given a provider that does not answer any more, loses everything when the claims end, and tells its client', async () => {
    await using shim = await runningShim(env())
    const end = after(await confirmed(), 20)
    people.fail(503)
    await until(new Date(end.getTime() - MINUTE / 4))
    expect([await write(shim), shim.told()]).toEqual([null, 0])
    await until(end)
    expect(await write(shim)).toMatch(ENDED)
    await eventually(() => expect(shim.told()).toBeGreaterThan(0))
    expect(await shim.tools()).toEqual([])
  })
})

describe('given a workload whose platform writes its token into a file, a running shim', () => {
  /** The platform writes a token that holds for ten minutes. */
  async function writeToken(): Promise<string> {
    platform.lie = { claims: (honest) => ({ ...honest, exp: Number(honest['iat']) + 600 }) }
    const answer = await fetch(`${platform.issuer}/token`, { method: 'POST' })
    const { id_token: token } = (await answer.json()) as { id_token: string } // as that provider writes it
    const path = join(notes, 'token')
    await writeFile(path, token)
    return path
  }

  beforeEach(stopTime)

  it('loses everything when the token ends, and tells its client', async () => {
    const path = await writeToken()
    const end = new Date(Math.floor(Date.now() / 1000) * 1000 + 10 * MINUTE)
    await using shim = await runningShim({ ...env(), AWS_WEB_IDENTITY_TOKEN_FILE: path })
    expect([await write(shim), shim.told()]).toEqual([null, 0])
    await until(end)
    expect(await write(shim)).toMatch(ENDED)
    await eventually(() => expect(shim.told()).toBeGreaterThan(0))
    expect(await shim.tools()).toEqual([])
  })

  it('given a new token before the end of the first, goes on', async () => {
    const path = await writeToken()
    await using shim = await runningShim({ ...env(), AWS_WEB_IDENTITY_TOKEN_FILE: path })
    await vi.advanceTimersByTimeAsync(5 * MINUTE)
    await writeToken()
    await vi.advanceTimersByTimeAsync(7 * MINUTE)
    await eventually(async () => expect(await write(shim)).toBeNull())
  })
})
