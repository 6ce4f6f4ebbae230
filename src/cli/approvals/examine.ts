import type { Approver, Demand, ProofKind, Question } from '../../approval.ts'
import { coveredParams } from '../../call-digest.ts'
import type { Call, Decision } from '../../decision.ts'
import { parseJson } from '../../json-parse.ts'
import { members, skipSpace } from '../../json-spans.ts'
import type { ErrorCode } from '../../errors.ts'
import { mayAnswer } from '../../policy/answers-met.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import type { InboxEntry } from './inbox.ts'
import { callOf, ownDecision } from './own-decision.ts'
import { grantsAsked, isAboutGrants, ownGrantDecision } from './own-grants.ts'
import { questionFaults } from './question-faults.ts'

/** What whoever answers decides by: a policy of their own, or why there is none. */
export type Own =
  | {
      readonly kind: 'policy'
      readonly policy: Policy
      /** Who answers, by the sign-in of this user; null: nobody is signed in, or nobody needs to. */
      readonly me: Approver | null
      /** Is there a browser on this machine, in which they could sign in? */
      readonly browser: boolean
    }
  | { readonly kind: 'none'; readonly why: string }

/** What may be answered beside a no. */
export type Offer =
  | {
      readonly kind: 'approve'
      readonly demand: Demand
      readonly proof: ProofKind
      /** The word that is to be typed; null: one key is enough. */
      readonly word: string | null
      readonly edit: boolean
      /** What is in the way of proving it, and what helps; null: nothing. */
      readonly hindrance: string | null
    }
  /** Why it cannot be approved here: one clause; and the code of a run that is for this call only, where it has one. */
  | { readonly kind: 'deny-only'; readonly code: ErrorCode | null; readonly why: string }

/** A waiting call as whoever answers sees it: all but `claims` was computed from the bytes that are shown. */
export interface Examined {
  readonly entry: InboxEntry
  /** The tool's name, the address, the prompt's name or the grants'; the method where there is none. */
  readonly what: string
  /** What the server says of its tool; null where it says nothing. */
  readonly risk: 'reads' | 'writes' | 'destroys' | null
  /** The JSON text of the arguments, or of all that the call has where it has more; null: it cannot be read. */
  readonly body: string | null
  /** What arrived and is not what was computed. Such a call cannot be approved. */
  readonly faults: readonly string[]
  /** By the own policy; null where that cannot be told. */
  readonly decision: Decision | null
  /** How the policy by which was asked differs from the own; null: it is the same. */
  readonly policyDiffers: string | null
  readonly offer: Offer
}

/** Computes what is shown of a waiting call, and what may be answered. */
export function examine(entry: InboxEntry, own: Own, now: Date): Examined {
  const { question } = entry
  const faults = questionFaults(question)
  const call = faults.length === 0 ? callOf(question) : null
  const readable = isReadable(question)
  const decision = faults.length > 0 || own.kind === 'none' ? null : decisionOf(question, own.policy, now)
  return {
    entry,
    what: readable ? named(callOf(question), question) : question.method,
    risk: readable ? riskOf(callOf(question)) : null,
    body: readable ? bodyOf(question) : null,
    faults,
    decision,
    policyDiffers: own.kind === 'none' ? null : policyDiffers(question, own),
    offer: offerOf(entry, { own, faults, call, decision }, now),
  }
}

/** Gives the word of a call that a person types to confirm it: a part of its name that any keyboard has. */
export function wordOf(what: string): string {
  return /[A-Za-z0-9][\w-]{1,31}/u.exec(what)?.[0] ?? 'approve'
}

interface Known {
  readonly own: Own
  readonly faults: readonly string[]
  readonly call: Call | null
  readonly decision: Decision | null
}

function decisionOf(question: Question, policy: Policy, now: Date): Decision | null {
  if (isAboutGrants(question)) return ownGrantDecision(question, policy, now)
  const call = callOf(question)
  return call === null ? null : ownDecision(call, question, policy, now)
}

function offerOf(entry: InboxEntry, { own, faults, call, decision }: Known, now: Date): Offer {
  const { question, state } = entry
  const [fault] = faults
  if (fault !== undefined) return denyOnly(fault, 'APPROVAL_ALTERED')
  if (own.kind === 'none') return denyOnly(`there is no policy to decide by: ${own.why}`)
  if (decision === null) return denyOnly('it cannot be decided here')
  if (decision.effect === 'deny')
    return denyOnly(`your policy denies it${byRules(decision)}: ${decision.why}`)
  if (decision.effect === 'allow')
    return denyOnly('your policy allows it without an answer: it should repeat the call')
  const wanted = decision.demand
  // An answer is remembered in the session that asked, so it must be bound to that: a queued one is not.
  const isBound = state === 'held' && (entry.from === 'here' || wanted?.onTimeout === 'deny')
  const demand = wanted === undefined || isBound ? wanted : { ...wanted, remember: null }
  if (demand === undefined) return denyOnly('your policy does not say what an answer needs')
  if (Date.parse(question.answerBy) <= now.getTime()) return denyOnly('its time is over')
  const isOwn = own.me !== null && isRequester(own.me, question)
  // Somebody else may have come to the desk of whoever asks: who answers comes out of their proof.
  const atTheirDesk = isOwn && entry.from === 'here' && demand.proof !== 'terminal'
  const may = own.me === null || atTheirDesk ? null : mayAnswer(demand, question.requester, own.me)
  if (may?.ok === false) return denyOnly(may.why, 'NOT_APPROVER')
  const mayOwn = atTheirDesk && own.me !== null ? mayAnswer(demand, question.requester, own.me) : null
  const word = demand.confirm === 'type' ? wordOf(named(call, question)) : null
  const edit = demand.edit && call?.kind === 'tool' && state === 'held' && isForOne(demand)
  const noBrowser = demand.proof === 'oidc' && !own.browser ? NO_BROWSER : null
  const hindrance = mayOwn?.ok === false ? `somebody else must come and prove it: ${mayOwn.why}` : noBrowser
  return { kind: 'approve', demand, proof: demand.proof, word, edit, hindrance }
}

function byRules({ rules }: Decision): string {
  return rules.length === 0 ? '' : ` by ${rules.map((rule) => `\`${visible(rule)}\``).join(' and ')}`
}

function isRequester({ issuer, sub }: Approver, { requester }: Question): boolean {
  return issuer === requester.issuer && sub === requester.sub
}

// A key is a weaker proof, so where a sign-in is wanted it cannot stand in for one.
const NO_BROWSER =
  'no browser on this machine is known: you are shown an address to open on it, and no key can stand in for it'

// An edited call has another digest: the yes of a second person would be about another call.
function isForOne({ each }: Demand): boolean {
  return each.length <= 1 && each.every(({ count }) => count === 1)
}

function denyOnly(why: string, code: ErrorCode | null = null): Offer {
  return { kind: 'deny-only', code, why }
}

function isReadable({ params }: Question): boolean {
  try {
    const value: unknown = parseJson(params)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

function named(call: Call | null, question: Question): string {
  const { method } = question
  if (isAboutGrants(question)) return grantsAsked(question) ?? method
  if (call === null || call.kind === 'serverRequest') return method
  return call.kind === 'resource' ? call.uri : call.name
}

function riskOf(call: Call | null): Examined['risk'] {
  if (call?.kind !== 'tool' || call.annotations === null) return null
  if (call.annotations.readOnlyHint) return 'reads'
  return call.annotations.destructiveHint ? 'destroys' : 'writes'
}

// Whatever else stands in the parameters is part of the call, so it is shown; mostly there are only arguments.
function bodyOf(question: Question): string {
  const covered = coveredParams(question.params)
  const all = members(covered, skipSpace(covered, 0))
  const args = all.find(({ key }) => key === 'arguments')
  const name = question.method === 'resources/read' ? 'uri' : 'name'
  if (all.some(({ key }) => key !== name && key !== 'arguments')) return covered
  return args === undefined ? '{}' : covered.slice(args.value.start, args.value.end)
}

function policyDiffers({ policy }: Question, own: Extract<Own, { kind: 'policy' }>): string | null {
  const { name, version, digest } = own.policy
  if (policy.digest === digest) return null
  if (policy.name !== name) return 'it was asked by another policy than yours'
  const [theirs, yours] = [policy.version, version].map((one) =>
    one === null ? 'no version' : `version ${one}`,
  )
  if (theirs === yours) return 'your policy was changed since it was asked, or that was another copy of it'
  return `it was asked by ${theirs ?? ''} of your policy, and you have ${yours ?? ''}`
}
