import { realpathSync } from 'node:fs'
import type { Approver, Question } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import { loadPolicy } from '../../policy/load.ts'
import type { Policy } from '../../policy/policy.ts'
import { type PolicyInForce, policyInForce, subjectUnder } from '../asker.ts'
import type { Context } from '../context.ts'
import { browserCommand } from '../open-browser.ts'
import type { Own } from './examine.ts'

const REFRESH_MS = 15_000
const FILE = 'file:'

/**
 * The policies that whoever answers decides by: the one in force for them. Where that is a file of their own, or none, a
 * question that came up under another file of this user is decided by that file, as `wrap --policy` was.
 */
export class OwnPolicies {
  readonly #named: string | undefined
  readonly #context: Context
  readonly #onChange: () => void
  readonly #files = new Map<string, Own>()
  #own: Own = { kind: 'none', why: 'it is not loaded yet' }
  #key: string | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(named: string | undefined, context: Context, onChange: () => void) {
    this.#named = named
    this.#context = context
    this.#onChange = onChange
  }

  /** Loads them, and again every 15 s: a newer policy counts for what waits already. */
  async load(): Promise<void> {
    await this.#refresh()
    this.#timer = setInterval(() => void this.#refresh(), REFRESH_MS).unref()
  }

  /** What a question is decided by; without one, what holds for this person. The same object until it changes. */
  of(question?: Question): Own {
    const key = question?.policy.key ?? this.#key
    if (key === null || key === this.#key || this.#isBinding() || !key.startsWith(FILE)) return this.#own
    const known = this.#files.get(key)
    if (known !== undefined) return known
    const loading: Own = { kind: 'none', why: 'it is being read' }
    this.#files.set(key, loading)
    void this.#load(key)
    return loading
  }

  close(): void {
    clearInterval(this.#timer)
  }

  // A signed policy is everybody's; one that was named is what this person wants to decide by.
  #isBinding(): boolean {
    return this.#named !== undefined || (this.#own.kind === 'policy' && this.#own.policy.signed)
  }

  async #refresh(): Promise<void> {
    const own = await this.#find(async () => {
      const found = await policyInForce(this.#named, this.#context)
      this.#key = found.key
      return found
    })
    if (!isSame(own, this.#own)) {
      this.#own = own
      this.#onChange()
    }
    for (const key of this.#files.keys()) await this.#load(key)
  }

  async #load(key: string): Promise<void> {
    const path = key.slice(FILE.length)
    const own = await this.#find(async () => {
      if (realpathSync(path) !== path)
        throw new HoopctlError('POLICY_UNREADABLE', `\`${path}\` leads elsewhere`, { hint: '' })
      return { policy: await loadPolicy(path, this.#context.now()), key, blocked: null }
    })
    const known = this.#files.get(key)
    if (known !== undefined && isSame(own, known)) return
    this.#files.set(key, own)
    this.#onChange()
  }

  async #find(load: () => Promise<PolicyInForce>): Promise<Own> {
    try {
      const { policy, blocked } = await load()
      if (blocked !== null) return { kind: 'none', why: blocked.why }
      await policy.ready?.()
      return {
        kind: 'policy',
        policy,
        me: await this.#me(policy),
        browser: browserCommand(this.#context.env) !== null,
      }
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      return { kind: 'none', why: failure.message }
    }
  }

  // Who answers comes out of the proof; this only tells early that an answer would not count.
  async #me(policy: Policy): Promise<Approver | null> {
    if (policy.identity === null) return null
    try {
      const { issuer, sub, email, groups } = await subjectUnder(policy, this.#context)
      return { issuer, sub, email, groups, authTime: null }
    } catch (failure) {
      if (!(failure instanceof HoopctlError)) throw failure
      return null
    }
  }
}

function isSame(a: Own, b: Own): boolean {
  if (a.kind === 'none' || b.kind === 'none')
    return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b)
  return (
    a.policy.digest === b.policy.digest &&
    JSON.stringify([a.me, a.browser]) === JSON.stringify([b.me, b.browser])
  )
}
