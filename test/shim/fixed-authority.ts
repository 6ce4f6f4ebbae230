import type { Policy } from '../../src/policy/policy.ts'
import { rulesInForce } from '../../src/policy/rules-in-force.ts'
import type { Authority, Standing } from '../../src/shim/standing.ts'

/** What holds for alice of this machine under a policy: its rules, and nothing that ever changes. */
export function fixedStanding(policy: Policy): Standing {
  const rules = rulesInForce(policy, null)
  return {
    policy,
    key: 'file:/policy.yaml',
    subject: { issuer: 'local', sub: 'alice', email: null, groups: [], kind: 'human', claims: {} },
    grants: [],
    rules,
    listed: rules,
    possible: rules,
    blocked: null,
    until: null,
    cause: null,
  }
}

/** Says the same of every moment. */
export function fixedAuthority(policy: Policy): Authority {
  const standing = fixedStanding(policy)
  return {
    current: () => standing,
    use: () => true,
    helpFor: () => null,
    onChange: () => () => undefined,
    ready: policy.ready,
  }
}

/** An authority that a test changes: `change` is what a sign-in, a request or an end would do. */
export class ChangingAuthority implements Authority {
  readonly ready: Authority['ready']
  /** Grants whose uses were taken, in order. */
  readonly used: string[][] = []
  /** Answers of `use`, in order; then true. */
  readonly usable: boolean[] = []
  #standing: Standing
  #call: () => void = () => undefined

  constructor(policy: Policy, first: Partial<Standing>) {
    this.ready = policy.ready
    this.#standing = { ...fixedStanding(policy), ...first }
  }

  current(): Standing {
    return this.#standing
  }

  use(grants: readonly string[]): boolean {
    this.used.push([...grants])
    return this.usable.shift() ?? true
  }

  helpFor(): string | null {
    return null
  }

  onChange(call: () => void): () => void {
    this.#call = call
    return () => undefined
  }

  /** Changes what holds; `tell`: and wakes the shim. */
  change(next: Partial<Standing>, tell = true): void {
    this.#standing = { ...this.#standing, ...next }
    if (tell) this.#call()
  }
}
