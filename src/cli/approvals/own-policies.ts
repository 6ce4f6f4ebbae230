import { realpathSync, statSync } from 'node:fs'
import type { Approver, Question } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import { loadPolicy } from '../../policy/load.ts'
import type { Policy } from '../../policy/policy.ts'
import { type PolicyInForce, policyInForce, subjectUnder } from '../asker.ts'
import type { Context } from '../context.ts'
import { browserCommand } from '../open-browser.ts'
import type { Own } from './examine.ts'

const REFRESH_MS = 15_000
/** So soon a file that was changed is read again. */
const LOOK_MS = 1000
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
  /** What the files were when they were read, by their keys. */
  readonly #seen = new Map<string, string>()
  #timers: NodeJS.Timeout[] = []

  constructor(named: string | undefined, context: Context, onChange: () => void) {
    this.#named = named
    this.#context = context
    this.#onChange = onChange
  }

  /** Loads them, and again every 15 s: a newer policy counts for what waits already. */
  async load(): Promise<void> {
    await this.#refresh()
    const whole = setInterval(() => void this.#refresh(), REFRESH_MS).unref()
    const files = setInterval(() => void this.catchUp(), LOOK_MS).unref()
    this.#timers = [whole, files]
  }

  /** Reads files again that were changed since they were read: an answer is given by what stands there now. */
  async catchUp(): Promise<void> {
    const own = this.#key
    if (own !== null && this.#isChanged(own)) await this.#refresh()
    for (const key of this.#files.keys()) if (this.#isChanged(key)) await this.#load(key)
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
    for (const timer of this.#timers) clearInterval(timer)
  }

  #isChanged(key: string): boolean {
    return key.startsWith(FILE) && stampOf(key) !== this.#seen.get(key)
  }

  // A signed policy is everybody's; one that was named is what this person wants to decide by.
  #isBinding(): boolean {
    return this.#named !== undefined || (this.#own.kind === 'policy' && this.#own.policy.signed)
  }

  async #refresh(): Promise<void> {
    const own = await this.#find(async () => {
      if (this.#key !== null) this.#seen.set(this.#key, stampOf(this.#key)) // before it is read: a change meanwhile is one
      const found = await policyInForce(this.#named, this.#context)
      if (found.key !== this.#key) this.#seen.set(found.key, stampOf(found.key))
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
    this.#seen.set(key, stampOf(key))
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

function stampOf(key: string): string {
  try {
    const { mtimeMs, ctimeMs, size, ino } = statSync(key.slice(FILE.length))
    return JSON.stringify([mtimeMs, ctimeMs, size, ino])
  } catch {
    return 'unreadable' // whoever reads it is told why
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
