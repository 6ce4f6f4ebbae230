import type { Decision } from '../decision.ts'
import type { Limits } from '../policy/policy.ts'

const MINUTE_MS = 60_000

/** Counts a session's governed calls against the policy's `limits`, which no rule can raise. */
export class CallLimits {
  #calls = 0
  #recentMs: number[] = []

  /** Judges a call once more that was counted when it came and has waited since; returns a denial, or null. */
  check({ callsPerSession, openCalls }: Limits, open: () => number): Decision | null {
    if (callsPerSession !== null && this.#calls > callsPerSession)
      return passed('callsPerSession', callsPerSession)
    return openCalls !== null && open() >= openCalls ? passed('openCalls', openCalls) : null
  }

  /**
   * Counts one call; returns a denial where a limit is passed, else null. A denied call counts as well.
   * @param limits those of the policy that holds now
   * @param open how many calls wait for their answers before this one; asked only where that is limited
   */
  count(limits: Limits, nowMs: number, open: () => number): Decision | null {
    const { callsPerMinute, callsPerSession, openCalls } = limits
    this.#calls += 1
    if (callsPerSession !== null && this.#calls > callsPerSession)
      return passed('callsPerSession', callsPerSession)
    if (openCalls !== null && open() >= openCalls) return passed('openCalls', openCalls)
    if (callsPerMinute === null) return null
    this.#recentMs.push(nowMs)
    // A window of exactly the limit plus this call is enough: memory stays bounded by the policy.
    if (this.#recentMs.length > callsPerMinute + 1) this.#recentMs.shift()
    const oldest = this.#recentMs.at(-callsPerMinute - 1)
    return oldest !== undefined && nowMs - oldest < MINUTE_MS
      ? passed('callsPerMinute', callsPerMinute)
      : null
  }
}

function passed(name: keyof Limits, limit: number): Decision {
  return { effect: 'deny', rules: [`limits.${name}`], why: `the limit of ${limit} is reached`, reasons: [] }
}
