import { HoopctlError } from '../errors.ts'
import type { HttpClient } from '../http.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'
import type { Provider } from './provider.ts'
import { fetchWorkloadToken, stampOf, type WorkloadSource } from './workload-source.ts'
import { discoverOnce, verifyWorkloadToken, type WorkloadToken } from './workload-token.ts'

/** What a workload's sign-in needs of the world. */
export interface WorkloadOptions {
  readonly source: WorkloadSource
  readonly http: HttpClient
  readonly now: () => Date
}

interface Held extends WorkloadToken {
  readonly stamp: string | null
  readonly expires: Date
}

// Asked for anew so long before it ends.
const EARLY_MS = 60_000

/** The sign-in of a workload: nobody types anything, nothing is kept on disk, the token's own end is its end. */
export class WorkloadSignIn {
  readonly #options: WorkloadOptions
  readonly #discover: (issuer: string) => Promise<Provider>
  #held: Held | null = null

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#discover = discoverOnce(options.http, options.now)
  }

  /** Tells which workload this is. Reads the file again when it changed, asks again a minute before the token ends. */
  async current({ workloads }: Pick<IdentitySettings, 'workloads'>): Promise<SignIn | NoSignIn> {
    const before = this.#held
    try {
      const held = (await this.#isStale(before, workloads)) ? await this.#obtain(workloads) : before
      this.#held = held
      return held === null ? NONE : signInOf(held)
    } catch (error) {
      if (!(error instanceof HoopctlError)) throw error
      // What was verified holds until its own end, whatever happens to its successor on the way.
      const still = before !== null && isNamed(before, workloads) && before.expires > this.#options.now()
      if (still && error.code === 'UNREACHABLE') return signInOf(before)
      this.#held = null
      const kind = error.code === 'UNREACHABLE' ? 'unreachable' : 'refused'
      return { kind, why: error.message, hint: error.hint }
    }
  }

  async #isStale(held: Held | null, workloads: IdentitySettings['workloads']): Promise<boolean> {
    if (held === null || !isNamed(held, workloads)) return true
    const { source, now } = this.#options
    if (source.kind === 'file') return (await stampOf(source)) !== held.stamp || held.expires <= now()
    return held.expires.getTime() - EARLY_MS <= now().getTime()
  }

  async #obtain(workloads: IdentitySettings['workloads']): Promise<Held> {
    const { source, http, now } = this.#options
    const stamp = await stampOf(source) // before it is read: a change meanwhile shows the next time
    const token = await fetchWorkloadToken(source, workloads, http, now)
    const verified = await verifyWorkloadToken(token, {
      workloads,
      accessToken: source.kind === 'client',
      discover: this.#discover,
      now: now(),
    })
    return { ...verified, stamp, expires: new Date(Number(verified.claims['exp']) * 1000) }
  }
}

const NONE: NoSignIn = { kind: 'none', why: 'there is no token of a workload', hint: 'run: hoopctl login' }

function isNamed({ issuer, audience }: WorkloadToken, workloads: IdentitySettings['workloads']): boolean {
  return workloads.some((each) => each.issuer === issuer && each.audience === audience)
}

function signInOf({ issuer, audience, claims }: Held): SignIn {
  const confirmed = new Date(Number(claims['iat']) * 1000)
  return { issuer, clientId: audience, kind: 'workload', claims, confirmed, store: null }
}
