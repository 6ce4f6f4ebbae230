import type { Demand } from '../approval.ts'
import type { Call, Circumstances, Effect } from '../decision.ts'
import { visible } from '../visible.ts'
import { readCall } from './call-text.ts'
import { decide } from './decide.ts'
import { coveringGrants, mayActivate } from './grants.ts'
import type { Policy } from './policy.ts'
import type { Rule } from './rule.ts'
import { grantNames, grantsOn, rulesInForce } from './rules-in-force.ts'

/** What `policy explain --json` prints for one call. */
export interface Explanation {
  readonly effect: Effect
  readonly rules: readonly string[]
  /** The grants that counted as active. */
  readonly grants: readonly string[]
  /** What inspectors read out of the arguments: nothing yet. */
  readonly facts: Readonly<Record<string, never>>
  readonly why: string
  /** Who must answer, and how; there where the call is asked about, and somebody can be asked. */
  readonly approval?: Demand
}

export type Explained =
  /** `ledBy` are the rules that `explanation.rules` cites, with what a person wants to know of them. */
  | { readonly ok: true; readonly explanation: Explanation; readonly ledBy: readonly Rule[] }
  /** The text is no call; `why` is one clause. */
  | { readonly ok: false; readonly why: string }

/**
 * Says what would become of a call under a policy, and why. `text` is JSON that the strict parser accepted: a JSON-RPC
 * request, or short `{"name":…,"arguments":{…}}`. The server is that of `circumstances`. Every grant there that the
 * subject may activate counts as active; `grants` narrows that to those it names. A grant that depends on the client
 * counts, where no client is given.
 */
export function explain(
  text: string,
  policy: Policy,
  circumstances: Circumstances,
  grants?: readonly string[],
): Explained {
  const written = readCall(text)
  if (written.kind === 'bad') return { ok: false, why: written.why }
  const left = leftOut(policy, circumstances, grants)
  const active = grantNames(policy, circumstances.server).filter((name) => !left.has(name))
  if (written.kind === 'undecided') {
    const why = `rules say nothing about the method \`${visible(written.method)}\`: \`wrap\` itself answers, passes or refuses it`
    return { ok: true, explanation: { effect: 'deny', rules: [], grants: active, facts: {}, why }, ledBy: [] }
  }
  const rules = rulesInForce(policy, circumstances.server, active)
  const { effect, rules: led, why: reason, demand } = decide(written.call, rules, circumstances)
  const why =
    led.length > 0 ? reason : reason + missing(written.call, policy, circumstances, { active, left })
  const all = [...policy.rules, ...policy.grants.flatMap((grant) => grant.rules)]
  const ledBy = all.filter(({ ref }) => led.includes(ref))
  const explanation = { effect, rules: led, grants: active, facts: {}, why }
  // A server's request is refused at once: there is nobody to ask.
  if (demand === undefined || written.call.kind === 'serverRequest') return { ok: true, explanation, ledBy }
  return { ok: true, explanation: { ...explanation, approval: demand }, ledBy }
}

/** Finds the grants of the server that do not count as active, each with why. */
function leftOut(
  policy: Policy,
  { server, subject, client, now }: Circumstances,
  named?: readonly string[],
): ReadonlyMap<string, string> {
  const left = new Map<string, string>()
  for (const grant of grantsOn(policy, server)) {
    // There is no session here, so what depends on one may hold.
    const { verdict, why } = mayActivate(grant, subject, { client, session: null, now })
    if (named?.includes(grant.name) === false) left.set(grant.name, 'it was not named')
    else if (verdict === 'no') left.set(grant.name, why)
  }
  return left
}

interface Counted {
  readonly active: readonly string[]
  readonly left: ReadonlyMap<string, string>
}

function missing(
  call: Call,
  policy: Policy,
  circumstances: Circumstances,
  { active, left }: Counted,
): string {
  const names = [...left.keys()]
  const [grant] = coveringGrants(call, policy, circumstances.server, names, circumstances, active)
  if (grant === undefined) return ''
  return `; the grant \`${grant.name}\` covers it, and does not count: ${left.get(grant.name) ?? ''}`
}
