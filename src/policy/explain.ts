import type { Circumstances, Effect } from '../decision.ts'
import { visible } from '../visible.ts'
import { readCall } from './call-text.ts'
import { decide } from './decide.ts'
import type { Policy } from './policy.ts'
import type { Rule } from './rule.ts'
import { grantNames, rulesInForce } from './rules-in-force.ts'

/** What `policy explain --json` prints for one call. */
export interface Explanation {
  readonly effect: Effect
  readonly rules: readonly string[]
  /** The grants that counted as active. */
  readonly grants: readonly string[]
  /** What inspectors read out of the arguments: nothing yet. */
  readonly facts: Readonly<Record<string, never>>
  readonly why: string
}

export type Explained =
  /** `ledBy` are the rules that `explanation.rules` cites, with what a person wants to know of them. */
  | { readonly ok: true; readonly explanation: Explanation; readonly ledBy: readonly Rule[] }
  /** The text is no call; `why` is one clause. */
  | { readonly ok: false; readonly why: string }

/**
 * Says what would become of a call under a policy, and why. `text` is JSON that the strict parser accepted: a JSON-RPC
 * request, or short `{"name":…,"arguments":{…}}`. The server is that of `circumstances`; `grants` narrows which of its
 * grants count as active (absent: all).
 */
export function explain(
  text: string,
  policy: Policy,
  circumstances: Circumstances,
  grants?: readonly string[],
): Explained {
  const written = readCall(text)
  if (written.kind === 'bad') return { ok: false, why: written.why }
  const active = grantNames(policy, circumstances.server).filter((name) => grants?.includes(name) ?? true)
  if (written.kind === 'undecided') {
    const why = `rules say nothing about the method \`${visible(written.method)}\`: \`wrap\` itself answers, passes or refuses it`
    return { ok: true, explanation: { effect: 'deny', rules: [], grants: active, facts: {}, why }, ledBy: [] }
  }
  const rules = rulesInForce(policy, circumstances.server, active)
  const decision = decide(written.call, rules, circumstances)
  const { effect, why } = decision
  const all = [...policy.rules, ...policy.grants.flatMap((grant) => grant.rules)]
  const ledBy = all.filter(({ ref }) => decision.rules.includes(ref))
  return { ok: true, explanation: { effect, rules: decision.rules, grants: active, facts: {}, why }, ledBy }
}
