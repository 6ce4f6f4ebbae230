import type { Activation } from '../activation.ts'
import { proofFault } from '../policy/activation-standing.ts'
import type { PolicyNow } from './feeds.ts'

interface Options {
  /** Says why an activation's proof does not hold, or null. Throws where that cannot be found out now. */
  readonly check: (activation: Activation, policy: PolicyNow) => Promise<string | null>
  /** Told of each proof that does not hold, and of each that cannot be checked now. */
  readonly onRefused: (refused: Refused) => void
  /** Called when something may count now that did not before. */
  readonly onChecked: () => void
}

/** An activation that does not count. */
export interface Refused {
  readonly activation: Activation
  readonly why: string
  /** Its proof does not hold; false: nobody can tell at the moment. */
  readonly isSure: boolean
}

type Proven = { readonly is: 'yes' | 'no' | 'open'; readonly why: string }

const CHECK_AGAIN_MS = 15_000

/** The activations whose proofs this process has checked itself: what others say of them is anybody's word. */
export class ProvenActivations {
  readonly #options: Options
  readonly #proven = new Map<string, Proven>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Tells whether a proof holds; begins to check it where that was not done yet. */
  holds(activation: Activation, policy: PolicyNow): boolean {
    if (!mayProve(activation, policy)) return false
    if (activation.proof.kind === 'terminal') return true
    const what = nameOf(activation, policy)
    const known = this.#proven.get(what)
    if (known === undefined) void this.#prove(what, activation, policy)
    return known?.is === 'yes'
  }

  /** Says what stands in the way of one whose proof nobody could check so far, one clause; null: nothing of that kind. */
  awaits(activation: Activation, policy: PolicyNow): string | null {
    if (!mayProve(activation, policy) || activation.proof.kind === 'terminal') return null
    const known = this.#proven.get(nameOf(activation, policy))
    if (known === undefined) return 'its proof is being checked'
    return known.is === 'open' ? known.why : null
  }

  async #prove(what: string, activation: Activation, policy: PolicyNow): Promise<void> {
    this.#proven.set(what, { is: 'open', why: 'its proof is being checked' })
    try {
      const why = await this.#options.check(activation, policy)
      this.#proven.set(what, why === null ? { is: 'yes', why: '' } : { is: 'no', why })
      if (why !== null) this.#options.onRefused({ activation, why, isSure: true })
    } catch (failure) {
      // The provider cannot be asked for its keys now: until it can, the activation does not count.
      const why = failure instanceof Error ? failure.message : String(failure)
      this.#proven.set(what, { is: 'open', why: `its proof cannot be checked now: ${why}` })
      this.#options.onRefused({ activation, why, isSure: false })
      setTimeout(() => this.#proven.delete(what) && this.#options.onChecked(), CHECK_AGAIN_MS).unref()
    }
    this.#options.onChecked()
  }
}

function mayProve({ grant: name, proof }: Activation, { policy }: PolicyNow): boolean {
  const wanted = policy.grants.find((grant) => grant.name === name)?.activate
  return wanted !== undefined && proofFault(proof, wanted) === null
}

// All of it: who has the device key can seal another activation under the id of one that was checked.
function nameOf(activation: Activation, { policy }: PolicyNow): string {
  return JSON.stringify([policy.digest, activation])
}
