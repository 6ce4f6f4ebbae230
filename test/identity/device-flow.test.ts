import { expect, it } from 'vitest'
import type { DevicePrompt } from '../../src/identity/device-code.ts'
import { signInByDevice } from '../../src/identity/device-flow.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import { loopbackHttp } from './http.ts'
import { startProvider, type TestProvider } from './provider.ts'

const SETTINGS = { clientId: 'hoopctl', scopes: ['openid', 'email', 'groups', 'offline_access'] }

/** Signs in; the person does `person` while the program waits for the second time, and waits take no time. */
async function signIn(server: TestProvider, person: (prompt: DevicePrompt) => Promise<unknown>) {
  const waits: number[] = []
  const shown: DevicePrompt[] = []
  const wait = async (ms: number) => {
    waits.push(ms)
    const [prompt] = shown
    if (waits.length === 2 && prompt !== undefined) await person(prompt)
  }
  const tokens = signInByDevice({
    settings: SETTINGS,
    provider: await discoverProvider(server.issuer, loopbackHttp),
    http: loopbackHttp,
    now: () => new Date(),
    wait,
    show: (prompt) => shown.push(prompt),
  })
  return { tokens: await tokens, shown, waits }
}

it.each(['RS256', 'ES256', 'EdDSA'] as const)(
  'given a person who types the code, gives verified tokens signed with %s',
  async (algorithm) => {
    await using server = await startProvider({ algorithm })
    const { tokens, shown, waits } = await signIn(server, ({ userCode }) =>
      server.answerDevice(userCode, 'alice'),
    )
    expect(tokens.claims).toMatchObject({ iss: server.issuer, sub: 'alice', groups: ['engineering'] })
    expect(tokens).toMatchObject({ issuer: server.issuer, clientId: 'hoopctl', scopes: SETTINGS.scopes })
    expect(tokens.refreshToken).not.toBeNull()
    expect(shown).toMatchObject([{ verificationUri: `${server.issuer}/device` }])
    expect(waits).toEqual([5000, 5000])
  },
)
