import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActivationProof } from '../../src/activation.ts'
import { loadDeviceKey } from '../../src/audit/device-key.ts'
import { decide } from '../../src/policy/decide.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { GrantAuthority } from '../../src/shim/authority.ts'
import type { PolicyFeed, PolicyNow, SubjectNow } from '../../src/shim/feeds.ts'
import type { Blocked } from '../../src/shim/standing.ts'
import { SharedActivations } from '../../src/shim/shared-activations.ts'
import { Activations } from '../../src/state/activations.ts'
import { ClockMark } from '../../src/state/clock-mark.ts'
import { Events } from '../../src/state/events.ts'
import { openSharedState, type SharedState } from '../../src/state/shared-state.ts'
import { VersionMarks } from '../../src/state/version-marks.ts'

const START_MS = Date.parse('2026-11-21T09:00:00Z')
export const ALICE = {
  issuer: 'https://id.example',
  sub: 'alice',
  email: null,
  groups: ['engineering'],
  kind: 'human',
  claims: {},
} as const
export const KEY = 'file:/policy.yaml'
const ASKING = { client: null, session: { id: 'S', calls: 0 } }

/** One person's machine: a wall clock, the time that really passes, a shim that can be started again, a command line. */
export class Machine {
  readonly directory = mkdtempSync(join(tmpdir(), 'hoopctl-authority-'))
  readonly device = loadDeviceKey(join(this.directory, 'state'))
  readonly key = {
    publicKey: this.device.id,
    sign: (bytes: Uint8Array) => this.device.sign(bytes),
    verify: (bytes: Uint8Array, signature: Uint8Array) => this.device.verify(bytes, signature),
  }
  /** Seconds that really passed, and what the wall clock is ahead of them. */
  real = 0
  ahead = 0
  readonly said: string[] = []
  /** Says why a proof does not hold. */
  check = async (): Promise<string | null> => 'it cannot be checked'
  /** Why what runs here is not what the policy wants. */
  unfit: Blocked | null = null
  subject: SubjectNow = { subject: ALICE, blocked: null, ends: null }
  #policy: PolicyNow
  #shim: { readonly state: SharedState; readonly authority: GrantAuthority; readonly since: number } | null =
    null
  #ids = 0
  #version = 0

  constructor(policy: Policy) {
    this.#policy = { policy, key: KEY, blocked: null, ends: null, refreshes: null }
  }

  readonly now = (): Date => new Date(START_MS + (this.real + this.ahead) * 1000)

  /** What no setting of the wall clock and no restart of a shim changes. */
  readonly sinceBoot = (): number => this.real * 1000

  get policy(): PolicyNow {
    return this.#policy
  }

  /** Puts another policy in force, as a refresh does. */
  usePolicy(policy: Policy, more: Partial<PolicyNow> = {}): void {
    this.#policy = { ...this.#policy, blocked: null, ends: null, ...more, policy }
  }

  /** Puts a signed policy in force, of the next version: as any process of this machine takes up what its source has. */
  takeUp(policy: Policy): void {
    this.usePolicy(this.#newer(policy))
  }

  /** Another process takes up a newer policy, which this shim has not read yet. */
  behind(policy: Policy): void {
    this.#newer(policy)
  }

  /** Puts an earlier policy in force for every process that looks, as a trust document's `minVersion` does. */
  goBack({ version, digest }: Policy): void {
    this.#asAnotherProcess((state) => {
      const marks = new VersionMarks(state)
      marks.reset(KEY, version ?? 0)
      marks.raise(KEY, version ?? 0, digest)
    })
  }

  #newer(policy: Policy): Policy {
    this.#version += 1
    const version = this.#version
    const signed = { ...policy, signed: true, version, digest: `${version}`.padStart(64, '0') }
    this.#asAnotherProcess((state) => new VersionMarks(state).raise(KEY, version, signed.digest))
    return signed
  }

  get authority(): GrantAuthority {
    this.#shim ??= this.#start()
    return this.#shim.authority
  }

  /** Ends the shim; the next look starts another one, whose monotonic clock begins anew. */
  restart(): void {
    this.#shim?.state.close()
    this.#shim = null
  }

  /** What becomes of a call of a tool now, after so many calls of the session. */
  call(name: string, calls = 0): 'allow' | 'ask' | 'deny' {
    const asking = { ...ASKING, session: { ...ASKING.session, calls } }
    const { rules, subject } = this.authority.current(asking)
    const circumstances = { ...asking, subject: subject ?? ALICE, server: 'orders', now: this.now() }
    const { effect, rules: led } = decide(
      { kind: 'tool', name, args: '{}', annotations: null },
      rules,
      circumstances,
    )
    if (effect !== 'allow') return effect
    const grants = led.flatMap((rule) => /^grants\.([^.]+)\./.exec(rule)?.[1] ?? [])
    return this.authority.use(grants) ? 'allow' : 'deny'
  }

  /** Requests a grant, as `hoopctl request` does. Returns whether that was possible. */
  request(
    grant: string,
    seconds: number,
    uses: number | null = null,
    proof: ActivationProof = { kind: 'terminal' },
  ): boolean {
    return this.#asAnotherProcess((state) => {
      this.#ids += 1
      const { issuer, sub } = ALICE
      const started = this.now()
      const expires = new Date(started.getTime() + seconds * 1000)
      const holder = { policy: KEY, issuer, sub, device: this.device.id }
      const clock = new ClockMark(state)
      const activation = { ...holder, id: `A-${this.#ids}`, grant, started, expires, uses, reason: 'INC-1' }
      try {
        new Activations(state, { key: this.key, clock, monotonic: this.sinceBoot }).start({
          ...activation,
          proof,
        })
      } catch {
        return false // the clock was set back
      }
      new Events(state).append({ kind: 'request', at: started, fields: { grant, reason: 'INC-1' } })
      return true
    })
  }

  /** Revokes a grant, as `hoopctl revoke` does. */
  revoke(grant: string): void {
    this.#asAnotherProcess((state) => {
      const clock = new ClockMark(state)
      new Activations(state, { key: this.key, clock, monotonic: this.sinceBoot }).end({ grant }, this.now())
      new Events(state).append({ kind: 'revoke', at: this.now(), fields: { grant } })
    })
  }

  remove(): void {
    this.restart()
    rmSync(this.directory, { recursive: true })
  }

  #start(): { readonly state: SharedState; readonly authority: GrantAuthority; readonly since: number } {
    const state = this.#open()
    const since = this.real
    const monotonic = () => (this.real - since) * 1000
    const options = { now: this.now, monotonic, say: (line: string) => void this.said.push(line) }
    const { sinceBoot, check } = this
    const activations = new SharedActivations(state, { ...options, key: this.key, check, sinceBoot })
    const policy: PolicyFeed = { current: () => this.#policy, onChange: () => () => undefined }
    const subject = { current: () => this.subject, onChange: () => () => undefined }
    const parts = {
      ...options,
      policy,
      subject,
      activations,
      server: 'orders',
      only: null,
      reason: null,
      policyFile: null,
      unfit: () => this.unfit,
    }
    return { state, authority: new GrantAuthority(parts, null), since }
  }

  #asAnotherProcess<T>(work: (state: SharedState) => T): T {
    const state = this.#open()
    try {
      return work(state)
    } finally {
      state.close()
    }
  }

  #open(): SharedState {
    return openSharedState(join(this.directory, 'state'), join(this.directory, 'run'))
  }
}
