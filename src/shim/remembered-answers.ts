import type { Demand } from '../approval.ts'
import type { Decision } from '../decision.ts'
import { laterBy } from '../instant.ts'
import { valueAt } from '../json-spans.ts'
import { whatOf } from './deny.ts'
import { grantsBehind } from './grants-behind.ts'
import type { Asked, HeldCall } from './held-calls.ts'
import type { Verified } from './look-at-answers.ts'
import { recordAsked } from './record-asked.ts'
import type { Shim } from './shim.ts'
import { stagePassing } from './stage-passing.ts'
import type { Standing } from './standing.ts'

/** Lets the answers that were used cover the same call again, as far as each of them and the rules of now want it. */
export function rememberAnswers(
  { question, matter }: HeldCall,
  good: readonly Verified[],
  demand: Demand,
  shim: Shim,
): void {
  // Each of them said for how often and how long: a yes to one call is none to more, whatever the others said.
  const wanted = good.flatMap(({ receipt }) => receipt.remember ?? [])
  if (demand.remember === null || wanted.length === 0 || wanted.length < good.length) return
  const { approval, call, label, session, params } = question
  if (session !== shim.log.session) return // it was for the session that asked
  const left = Math.min(demand.remember.count, ...wanted.map(({ count: times }) => times)) - 1 // this call is one
  if (left < 1) return
  const ends = wanted.map(({ until }) => new Date(until).getTime())
  const latest = laterBy(shim.clock.now(), demand.remember.forMs)
  shim.held.remember(approval, call, termsOf(demand, shim.standing))
  shim.desk?.remember({
    approval,
    session,
    call,
    label,
    what: `${whatOf(matter.call)} ${startOf(params)}`,
    left,
    until: new Date(Math.min(latest.getTime(), ...ends)),
  })
}

// So that a person can tell two calls of one tool from each other, where they end one.
function startOf(params: string): string {
  const span = valueAt(params, ['arguments'])
  return params.slice(
    span?.start ?? 0,
    Math.min(span?.end ?? params.length, (span?.start ?? 0) + SHOWN_CHARACTERS),
  )
}

const SHOWN_CHARACTERS = 200

/** Sends a call by an answer that a person had remembered for this session; false where there is none. */
export function sendRemembered(asked: Asked, decision: Decision, digest: string, shim: Shim): boolean {
  const { exchange } = asked
  const entry = useRemembered(digest, decision, shim)
  if (entry === null || !shim.authority.use(grantsBehind(decision.rules))) return false
  const { approval, left, until } = entry
  const bytes = recordAsked(asked, decision, shim)
  const why = `${left} more like it, until ${until.toISOString()}`
  const noted = {
    kind: 'approval',
    exchange: exchange.number,
    approval,
    state: 'remembered',
    call: digest,
    why,
  } as const
  shim.outbox.note(noted, null)
  exchange.approved = { id: approval, how: 'remembered' }
  exchange.sent = true
  stagePassing(
    { rules: decision.rules, approval, why: 'a person remembered their answer' },
    asked,
    bytes,
    shim,
  )
  return true
}

// The rules may want other people by now, or more of them, than those who answered: then they are asked.
function useRemembered(call: string, { demand }: Decision, { held, log, desk, standing }: Shim) {
  for (const approval of held.remembered(call, termsOf(demand, standing))) {
    const entry = desk?.useRemembered({ approval, session: log.session, call }) ?? null
    if (entry !== null) return entry
  }
  return null
}

// With the policy: a newer one may name other people under the same words.
function termsOf(demand: Demand | undefined, { policy }: Standing): string {
  return JSON.stringify([policy.digest, demand ?? null])
}
