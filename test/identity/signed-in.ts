import type { DevicePrompt } from '../../src/identity/device-code.ts'
import { type DeviceSignIn, signInByDevice } from '../../src/identity/device-flow.ts'
import { discoverProvider } from '../../src/identity/provider.ts'
import type { Tokens } from '../../src/identity/tokens.ts'
import { loopbackHttp } from './http.ts'
import type { TestProvider, User } from './provider.ts'

/** What a policy says of the provider for tests. */
export const SETTINGS = {
  clientId: 'hoopctl',
  scopes: ['openid', 'email', 'groups', 'offline_access'],
  redirectPort: null,
  maxAgeMs: 12 * 3600_000,
  approvals: { clientId: 'hoopctl-approve', acrValues: [] },
  workloads: [],
} as const

/** A sign-in as it went: what was shown, and how long was waited between the questions. */
export interface DeviceRun {
  readonly tokens: Promise<Tokens>
  readonly shown: DevicePrompt[]
  readonly waits: number[]
}

/**
 * Signs in with the device flow; waiting takes no time.
 * @param person is called each time the program waits, with the code and how often it has waited
 */
export async function runDeviceFlow(
  server: Pick<TestProvider, 'issuer'>,
  person: (prompt: DevicePrompt, waits: number) => Promise<unknown>,
  options: Partial<DeviceSignIn> = {},
): Promise<DeviceRun> {
  const waits: number[] = []
  const shown: DevicePrompt[] = []
  let elapsed = 0
  const wait = async (ms: number) => {
    waits.push(ms)
    elapsed += ms
    const [prompt] = shown
    if (prompt !== undefined) await person(prompt, waits.length)
  }
  const tokens = signInByDevice({
    settings: SETTINGS,
    provider: await discoverProvider(server.issuer, options.http ?? loopbackHttp),
    http: loopbackHttp,
    now: () => new Date(Date.now() + elapsed),
    ...options,
    wait,
    show: (prompt) => shown.push(prompt),
  })
  tokens.catch(() => undefined) // whoever awaits it later sees how it ended
  return { tokens, shown, waits }
}

/** Signs a person in, who may want access tokens for services; gives what the provider gave. */
export async function signedIn(
  server: TestProvider,
  user: User,
  resources: readonly string[] = [],
): Promise<Tokens> {
  const person = ({ userCode }: DevicePrompt) => server.answerDevice(userCode, user)
  const run = await runDeviceFlow(server, person, { resources })
  return run.tokens
}
