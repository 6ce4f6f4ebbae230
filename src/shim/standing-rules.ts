import type { Grant, Policy } from '../policy/policy.ts'
import { type RulesInForce, rulesInForce, withAvailable } from '../policy/rules-in-force.ts'

/** What is in force while nothing is: no rule. */
export const NO_RULES: RulesInForce = { caseSensitiveArguments: false, layers: [] }

/** The rules of one policy on one server, for each set of active grants the same object: whoever compares sees a change. */
export class StandingRules {
  readonly #policy: Policy
  readonly #server: string | null
  readonly #made = new Map<string, RulesInForce>()

  constructor(policy: Policy, server: string | null) {
    this.#policy = policy
    this.#server = server
  }

  /** What anybody could ever get. */
  get possible(): RulesInForce {
    return this.#once('?', () => rulesInForce(this.#policy, this.#server))
  }

  /** What calls are decided by while these grants are active. */
  inForce(active: readonly string[]): RulesInForce {
    return this.#once(`=${active.join(' ')}`, () => rulesInForce(this.#policy, this.#server, active))
  }

  /** What lists show while these are active and those could be. */
  listed(active: readonly string[], offered: readonly Grant[]): RulesInForce {
    const rules = this.inForce(active)
    if (offered.length === 0) return rules
    const names = offered.map(({ name }) => name)
    return this.#once(`=${active.join(' ')}+${names.join(' ')}`, () =>
      withAvailable(rules, this.#policy, offered),
    )
  }

  // Names of grants hold no space, no plus and no equals sign, so that no grant is called what a key is. Few sets of them ever come up; forgetting all costs making one anew.
  #once(key: string, make: () => RulesInForce): RulesInForce {
    if (this.#made.size > 100) this.#made.clear()
    const known = this.#made.get(key) ?? make()
    this.#made.set(key, known)
    return known
  }
}
