import type { IdentitySettings } from '../identity-settings.ts'
import type { Policy } from '../policy/policy.ts'
import { subjectOf } from '../policy/subject-of.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'
import type { SubjectFeed, SubjectNow } from './feeds.ts'
import type { Blocked } from './standing.ts'

/** Where sign-ins come from, and what tells that there may be another one. */
export interface SignInSource {
  /** Reads who is signed in now as a policy wants it; takes as long as a keychain takes. Never throws. */
  read(settings: IdentitySettings): Promise<SignIn | NoSignIn>
  /** Calls back when somebody signed in or out; returns how to stop that. */
  onChange(call: () => void): () => void
}

const NOT_READ: NoSignIn = { kind: 'none', why: 'the sign-in was not read yet', hint: 'wait a moment' }

/** Who is signed in: read once before the first decision, then whenever somebody signs in or out. */
export class SignInFeed implements SubjectFeed {
  readonly #source: SignInSource
  readonly #now: () => Date
  readonly #calls = new Set<() => void>()
  #signIn: SignIn | NoSignIn = NOT_READ
  #made: { readonly of: SignIn | NoSignIn; readonly policy: Policy; readonly now: SubjectNow } | null = null
  #reading: Promise<void> | null = null
  #again = false

  #settings: IdentitySettings

  /** @param settings what the policy says of sign-ins at the start */
  constructor(source: SignInSource, settings: IdentitySettings, now: () => Date) {
    this.#source = source
    this.#settings = settings
    this.#now = now
  }

  current(policy: Policy): SubjectNow {
    this.#follow(policy)
    const ends = this.#endsAt()
    const signIn = ends !== null && this.#now() >= ends ? EXPIRED : this.#signIn
    if (this.#made?.of !== signIn || this.#made.policy !== policy) {
      this.#made = { of: signIn, policy, now: subjectNow(signIn, policy, ends) }
    }
    return this.#made.now
  }

  onChange(call: () => void): () => void {
    this.#calls.add(call)
    const stop = this.#source.onChange(() => void this.read())
    return () => {
      this.#calls.delete(call)
      stop()
    }
  }

  // Another policy may want another provider, or count claims for a shorter time.
  #follow({ identity }: Policy): void {
    if (identity === null || identity === this.#settings) return
    this.#settings = identity
    void this.read()
  }

  #endsAt(): Date | null {
    const signIn = this.#signIn
    if (!('claims' in signIn)) return null
    const { kind, claims, confirmed } = signIn
    // A workload's platform gives it a new token before this one ends.
    if (kind === 'workload') return new Date(Number(claims['exp']) * 1000)
    return new Date(confirmed.getTime() + this.#settings.maxAgeMs)
  }

  /** Reads who is signed in. One read at a time; what was told meanwhile is read after it. */
  read(): Promise<void> {
    if (this.#reading !== null) {
      this.#again = true
      return this.#reading
    }
    this.#reading = this.#source.read(this.#settings).then((signIn) => {
      this.#reading = null
      if (!same(signIn, this.#signIn)) this.#signIn = signIn
      for (const call of this.#calls) call()
      if (!this.#again) return
      this.#again = false
      return this.read()
    })
    return this.#reading
  }
}

const EXPIRED: NoSignIn = {
  kind: 'expired',
  why: 'the sign-in counts no longer: the provider has not answered for it for too long',
  hint: 'run: hoopctl login',
}

function subjectNow(signIn: SignIn | NoSignIn, policy: Policy, ends: Date | null): SubjectNow {
  if (!('claims' in signIn)) return { subject: null, blocked: blockedBy(signIn), ends: null }
  const made = subjectOf(signIn, policy)
  if (made.ok) return { subject: made.subject, blocked: null, ends }
  return { subject: null, blocked: blockedBy(made), ends }
}

function blockedBy({ why, hint }: { readonly why: string; readonly hint: string }): Blocked {
  const typed = /^run: (.*)$/.exec(hint)?.[1]
  return { why, help: typed === undefined ? `What helps: ${hint}` : `A person can sign in with: ${typed}` }
}

function same(a: SignIn | NoSignIn, b: SignIn | NoSignIn): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
