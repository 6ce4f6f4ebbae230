import type { Question } from '../../approval.ts'
import type { Decision } from '../../decision.ts'
import { askedGrants, GRANT_METHOD } from '../../grant-question.ts'
import { readRequest } from '../../identity/asked-request.ts'
import { describeGrant } from '../../policy/describe-grant.ts'
import { activateRef, grantDemand } from '../../policy/grant-demand.ts'
import { mayActivate } from '../../policy/grants.ts'
import type { Grant, Policy } from '../../policy/policy.ts'
import type { GrantRequest } from '../../request-text.ts'
import type { Subject } from '../../subject.ts'
import { durationInWords } from '../duration.ts'
import { atCommandLine } from '../grants-of.ts'

/** Tells whether people are asked about grants, and not about a call. */
export function isAboutGrants({ method }: Pick<Question, 'method'>): boolean {
  return method === GRANT_METHOD
}

/** Names the grants that a question is about, each with how long; null where it does not say it as hoopctl does. */
export function grantsAsked({ params }: Pick<Question, 'params'>): string | null {
  const grants = readRequest(params)?.grants.map(
    ({ name, durationMs }) => `${name} for ${durationInWords(durationMs)}`,
  )
  return grants?.join(', ') ?? null
}

/** Names what is wrong with what a question about grants says, beside its digests. Each is one clause. */
export function grantFaults(question: Question): string[] {
  const { params, server, definition, definitionText, requester, device, policy, asked } = question
  const request = readRequest(params)
  if (request === null || request.grants.length === 0) return ['what it asks for cannot be read']
  const own = askedGrants(params, server.name ?? '', requester)
  const isPlain = JSON.stringify(server) === JSON.stringify(own.server)
  const isSame =
    request.issuer === requester.issuer && request.sub === requester.sub && request.device === device
  const isThen = request.policy === policy.key && request.at === asked
  return [
    ...(isPlain && definition === null && definitionText === null
      ? []
      : ['it asks for grants and for a call at once']),
    ...(isSame ? [] : ['whoever asks for the grants is not who asks this']),
    ...(isThen ? [] : ['the grants were asked for under another policy, or at another time']),
  ]
}

/**
 * Decides anew, by a policy of whoever answers, whether a second person may agree to grants. The requester's word is taken
 * for who asks: each shim checks again who it is before a grant counts.
 */
export function ownGrantDecision(question: Question, policy: Policy, now: Date): Decision {
  const request = readRequest(question.params)?.grants ?? []
  const subject = { ...question.claims.subject, claims: {} }
  const found = request.map((asked) => {
    const grant = policy.grants.find(({ name }) => name === asked.name)
    return { asked, grant, why: refusalOf(asked, grant, { subject, server: question.server.name, now }) }
  })
  const rules = request.map(({ name }) => activateRef(name))
  const refused = found.find(({ why }) => why !== null)
  if (refused !== undefined) {
    return { effect: 'deny', rules, reasons: [], why: `\`${refused.asked.name}\` ${refused.why ?? ''}` }
  }
  const grants = found.flatMap(({ grant, asked }) => (grant === undefined ? [] : [{ grant, asked }]))
  return {
    effect: 'ask',
    rules,
    why: 'a second person must agree',
    reasons: grants.flatMap(({ grant, asked }) => [
      `${grant.name} on ${grant.server}, for ${durationInWords(asked.durationMs)}:`,
      ...describeGrant(grant),
    ]),
    demand: grantDemand(grants.map(({ grant }) => grant)),
  }
}

interface Under {
  readonly subject: Subject
  readonly server: string | null
  readonly now: Date
}

function refusalOf(
  { durationMs, reason }: GrantRequest['grants'][number],
  grant: Grant | undefined,
  { subject, server, now }: Under,
): string | null {
  if (grant === undefined) return 'is no grant of your policy'
  const { activate, duration } = grant
  if (grant.server !== server) return `is on another server: ${grant.server}`
  if (activate.approval === null) return 'needs nobody else to agree'
  const may = mayActivate(grant, subject, atCommandLine(now))
  if (may.verdict === 'no') return `is not for who asks: ${may.why}`
  if (!(durationMs <= duration.maxMs)) return `lasts at most ${durationInWords(duration.maxMs)}`
  return activate.reason === 'required' && reason === null ? 'is given for a reason only' : null
}
