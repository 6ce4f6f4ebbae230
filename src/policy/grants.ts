import type { Activation } from '../activation.ts'
import type { Call, Circumstances } from '../decision.ts'
import type { Subject } from '../subject.ts'
import { type HeldActivation, standingOf } from './activation-standing.ts'
import { decide } from './decide.ts'
import { grantContext, type GrantCircumstances } from './grant-context.ts'
import type { Grant, Policy } from './policy.ts'
import { grantsOn, type RulesInForce, rulesInForce, withGrant } from './rules-in-force.ts'
import { isOneOf, whoInWords } from './who.ts'

/** Whether a subject may activate a grant; `unknown` where that depends on a client or session that is not known yet. */
export interface MayActivate {
  readonly verdict: 'yes' | 'no' | 'unknown'
  /** One clause for people. */
  readonly why: string
}

/**
 * Says whether a subject may activate a grant now: it is one of `who`, and the condition holds. A condition that fails
 * does not hold. What it takes to activate it is another question.
 */
export function mayActivate(grant: Grant, subject: Subject, circumstances: GrantCircumstances): MayActivate {
  const { who, when } = grant
  if (!isOneOf(who, subject)) return { verdict: 'no', why: `it is for ${whoInWords(who)}` }
  if (when === null) return { verdict: 'yes', why: `it is for ${whoInWords(who)}` }
  switch (when.judge(grantContext(grant.server, subject, circumstances))) {
    case 'yes':
      return { verdict: 'yes', why: 'its condition holds' }
    case 'no':
      return { verdict: 'no', why: `its condition does not hold now: ${oneLine(when.source)}` }
    case 'failed':
      return { verdict: 'no', why: `its condition fails now: ${oneLine(when.source)}` }
    case 'unknown':
      return { verdict: 'unknown', why: `it depends on the client: ${oneLine(when.source)}` }
  }
}

/** A grant that a session started by itself (`mode: session`), and that ends with it. */
export interface SessionGrant {
  readonly grant: string
  readonly started: Date
  /** null: it ends with the session. */
  readonly expires: Date | null
  readonly reason: string | null
}

/** What makes grants active for one subject. */
export interface Held {
  readonly activations: readonly HeldActivation[]
  /** Those of this session; empty where no session is meant, as in `hoopctl grants`. */
  readonly started: readonly SessionGrant[]
}

/** A grant as one subject sees it. */
export interface GrantState {
  readonly grant: Grant
  /** `ended` was active and may be activated again; `not-yours` may not be activated now, and `why` says why. */
  readonly state: 'active' | 'available' | 'ended' | 'not-yours'
  /** When it ends, or ended; null where it was not active, and where it ends with the session. */
  readonly expires: Date | null
  /** Of the activation that makes or made it active. */
  readonly started: Date | null
  readonly reason: string | null
  /** One clause for people. */
  readonly why: string
}

/** Says of each grant what it is to a subject now. Activations of other subjects and grants are not looked at. */
export function grantStates(
  grants: readonly Grant[],
  subject: Subject,
  circumstances: GrantCircumstances,
  held: Held,
): GrantState[] {
  return grants.map((grant): GrantState => {
    const may = mayActivate(grant, subject, circumstances)
    const latest = latestOf(grant, subject, circumstances.now, held)
    const { started = null, reason = null, expires = null } = latest ?? {}
    const seen = { grant, started, reason, expires }
    if (may.verdict === 'no') return { ...seen, state: 'not-yours', why: may.why }
    if (latest === null) return { ...seen, state: 'available', why: may.why }
    return { ...seen, state: latest.holds ? 'active' : 'ended', why: latest.why }
  })
}

/**
 * Finds, among grants of a server that are available and not active, those that would get a call through: first those
 * that allow it, then those that ask. A call that a rule denies whatever is active is helped by none.
 * @param available names of grants that the subject may activate
 * @param active names of those that are active
 */
export function coveringGrants(
  call: Call,
  policy: Policy,
  server: string | null,
  available: readonly string[],
  circumstances: Circumstances,
  active: readonly string[] = [],
): Grant[] {
  const rules = rulesInForce(policy, server, active)
  const named = new Set(available)
  const effects = grantsOn(policy, server)
    .filter(({ name }) => named.has(name) && !active.includes(name))
    .map((grant) => ({ grant, effect: effectWith(grant, call, policy, rules, circumstances) }))
    // The order of the file has no meaning, so nobody is told another grant for it.
    .sort((a, b) => (a.grant.name < b.grant.name ? -1 : 1))
  const by = (wanted: string) => effects.filter(({ effect }) => effect === wanted).map(({ grant }) => grant)
  return [...by('allow'), ...by('ask')]
}

function effectWith(
  grant: Grant,
  call: Call,
  policy: Policy,
  rules: RulesInForce,
  circumstances: Circumstances,
): string {
  const { effect, rules: led } = decide(call, withGrant(rules, policy, grant), circumstances)
  // What the others give already is no reason to ask for this one.
  return led.some((ref) => ref.startsWith(`grants.${grant.name}.`)) ? effect : 'none'
}

interface Latest {
  readonly holds: boolean
  readonly started: Date
  /** When it ends, or was over; null: with the session. */
  readonly expires: Date | null
  readonly reason: string | null
  readonly why: string
}

/** Finds what makes a grant active, else what made it so last. */
function latestOf(grant: Grant, subject: Subject, now: Date, { activations, started }: Held): Latest | null {
  const requested = activations
    .filter(({ activation }) => isOf(activation, grant, subject))
    .map((held) => requestedOne(held, grant, subject, now))
  const begun = started.filter((one) => one.grant === grant.name).map((one) => begunOne(one, grant, now))
  const all = [...requested, ...begun]
  const active = all.filter(({ holds }) => holds)
  const rank = ({ expires }: Latest) => expires?.getTime() ?? Infinity
  return [...(active.length > 0 ? active : all)].sort((a, b) => rank(b) - rank(a))[0] ?? null
}

function isOf({ grant: name, issuer, sub }: Activation, grant: Grant, subject: Subject): boolean {
  return name === grant.name && issuer === subject.issuer && sub === subject.sub
}

function requestedOne(held: HeldActivation, grant: Grant, subject: Subject, now: Date): Latest {
  const { activation, ended } = held
  const { started, reason } = activation
  const standing = standingOf(held, grant, subject, now)
  if (standing.holds) return { holds: true, started, reason, expires: standing.expires, why: 'it is active' }
  const over = ended !== null && ended < activation.expires ? ended : activation.expires
  return { holds: false, started, reason, expires: over, why: standing.why }
}

function begunOne({ started, expires, reason }: SessionGrant, grant: Grant, now: Date): Latest {
  const seen = { started, expires, reason }
  if (grant.activate.mode !== 'session')
    return { ...seen, holds: false, why: 'it no longer starts by itself' }
  if (expires === null || expires > now) return { ...seen, holds: true, why: 'it is active' }
  return { ...seen, holds: false, why: `it expired at ${expires.toISOString()}` }
}

function oneLine(source: string): string {
  return source.replace(/\s+/gu, ' ').trim()
}
