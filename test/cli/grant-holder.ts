import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Activation } from '../../src/activation.ts'
import { type DeviceState, withDeviceState } from '../../src/cli/device-state.ts'
import { run } from '../../src/cli/run.ts'
import { type AtTerminal, atTerminal } from './at-terminal.ts'
import { fakeContext } from './fake-context.ts'
import type { Outcome } from './hoopctl.ts'

/** A person with a policy of their own, on a machine of their own. */
export interface GrantHolder extends AsyncDisposable {
  /** What the clock says to commands that run in this process. */
  clock: Date
  readonly home: string
  /** Runs a command in this process, without a terminal. */
  hoopctl(args: readonly string[], surroundings?: Surroundings): Promise<Outcome>
  /** Runs the built hoopctl at a real terminal. */
  atTerminal(args: readonly string[]): AtTerminal
  /** Looks at what processes share. */
  shared<T>(look: (state: DeviceState) => T): Promise<T>
  /** Makes a grant active, as a request does. */
  activate(grant: string, members?: Partial<Activation>): Promise<Activation>
}

/** What is beside the arguments of a command. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  /** Is told what is written to stderr. */
  readonly onStderr?: (text: string) => void
}

/** The subject of a policy that asks nobody to sign in. */
export const OS_USER = userInfo().username

/** Makes a GrantHolder; the clock stands still unless it is told to go. */
export async function grantHolder(
  policy: string,
  { going = false }: { readonly going?: boolean } = {},
): Promise<GrantHolder> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-grants-')))
  await mkdir(join(home, 'config'), { mode: 0o700 })
  await writeFile(join(home, 'config', 'policy.yaml'), policy, { mode: 0o644 })
  const world = { clock: new Date('2026-11-21T09:00:00Z') }
  const now = () => (going ? new Date() : new Date(world.clock))
  const fake = (env: Readonly<Record<string, string>> = {}) =>
    fakeContext({ env: { HOOPCTL_HOME: home, ...env }, workingDirectory: home, now })
  const shared: GrantHolder['shared'] = (look) => withDeviceState(fake().context, look)
  return {
    home,
    get clock() {
      return world.clock
    },
    set clock(clock) {
      world.clock = clock
    },
    shared,
    async hoopctl(args, { env, onStderr } = {}) {
      const { context, ...seen } = fake(env)
      if (onStderr !== undefined) context.stderr.on('data', onStderr)
      await run(args, context)
      return { exitCode: seen.exitCode(), stdout: seen.stdout(), stderr: seen.stderr() }
    },
    atTerminal: (args) => atTerminal(args, { HOOPCTL_HOME: home }),
    activate: (grant, members) =>
      shared(({ activations, device }) => {
        const started = now()
        const own = {
          id: `${grant}-${Math.random()}`,
          issuer: 'local',
          sub: OS_USER,
          uses: null,
          reason: null,
        }
        const times = { started, expires: new Date(started.getTime() + 600_000) }
        const policyKey = `file:${join(home, 'config', 'policy.yaml')}`
        const proof = { kind: 'terminal' } as const
        const whole = {
          ...own,
          ...times,
          policy: policyKey,
          grant,
          device: device.publicKey,
          proof,
          ...members,
        }
        activations.start(whole)
        return whole
      }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** A policy with a grant of each kind. */
export const GRANTS = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: try }
servers:
  orders: {}
people: [{ issuer: local, sub: bob, keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51] }]
grants:
  - name: orders-write
    server: orders
    who: everyone
    activate: { reason: required }
    duration: { default: 10m, max: 1h }
    uses: 20
    rules:
      - allow: { tool: [insert, update] }
      - ask: { tool: drop }
  - name: orders-read
    server: orders
    who: everyone
    activate: { mode: session }
    rules:
      - allow: { tool: "read_*" }
  - name: orders-list
    server: orders
    who: everyone
    rules:
      - allow: { tool: list }
  - name: orders-admin
    server: orders
    who: { groups: [dba] }
    rules:
      - allow: { tool: "*" }
  - name: orders-four-eyes
    server: orders
    who: everyone
    activate: { mode: approval, proof: key }
    rules:
      - allow: { tool: purge }
  - name: orders-touch
    server: orders
    who: everyone
    activate: { proof: key }
    rules:
      - allow: { tool: purge }
  - name: orders-never
    server: orders
    who: everyone
    when: now < timestamp("2020-01-01T00:00:00Z")
    rules:
      - allow: { tool: purge }
`
