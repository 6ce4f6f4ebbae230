import type { SignIns } from '../identity/sign-ins.ts'
import type { NoSignIn, SignIn } from '../sign-in.ts'

/** What a kept sign-in comes to whose token the provider did not sign. */
export const NOT_SIGNED: NoSignIn = {
  kind: 'refused',
  why: 'the provider did not sign what is kept of the sign-in',
  hint: 'run: hoopctl login',
}

// A session's first answers do not wait for the provider.
const FIRST_MS = 1000

/**
 * Verifies what a session reads of kept sign-ins. The first token counts meanwhile, so that a session starts without
 * network; each later one counts once it was verified, or where the provider cannot be reached.
 */
export class KeptSignInCheck {
  readonly #calls = new Set<() => void>()
  readonly #waiting = new Set<string>()
  #isFirst = true
  /** What counts without having been verified. */
  #passed: string | null = null
  #told: { readonly of: string; readonly refused: boolean } | null = null

  /** Calls back when what counted is found refused; returns how to stop that. */
  onRefused(call: () => void): () => void {
    this.#calls.add(call)
    if (this.#told?.refused === true) call() // it was found before anybody listened
    return () => this.#calls.delete(call)
  }

  /** Gives what was read, or that it is refused. */
  async check(signIn: SignIn | NoSignIn, signIns: SignIns): Promise<SignIn | NoSignIn> {
    if (!('claims' in signIn)) return signIn
    const of = JSON.stringify([signIn.issuer, signIn.clientId, signIn.claims])
    if (this.#isFirst) this.#passed = of
    this.#isFirst = false
    if (this.#told?.of !== of) {
      if (this.#passed === of) this.#later(of, () => this.#verify(of, signIn, signIns))
      else if (!(await this.#verify(of, signIn, signIns))) this.#passed = of
    }
    return this.#told?.of === of && this.#told.refused ? NOT_SIGNED : signIn
  }

  // False: the provider cannot be reached. It is asked again with the next read, which is a minute away.
  async #verify(of: string, signIn: SignIn, signIns: SignIns): Promise<boolean> {
    const verdict = await signIns.verify(signIn)
    if (verdict === 'unreachable') return false
    this.#told = { of, refused: verdict === 'refused' }
    this.#passed = null // whatever was let through before is verified first, should it come back
    return true
  }

  #later(of: string, verify: () => Promise<boolean>): void {
    if (this.#waiting.has(of)) return
    this.#waiting.add(of)
    const run = async () => {
      try {
        await verify()
      } finally {
        this.#waiting.delete(of)
      }
      if (this.#told?.refused === true) for (const call of this.#calls) call()
    }
    setTimeout(() => void run(), FIRST_MS).unref()
  }
}
