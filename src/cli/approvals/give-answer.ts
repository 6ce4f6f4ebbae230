import type { Answer, Approver, Demand } from '../../approval.ts'
import { HoopctlError } from '../../errors.ts'
import { mayAnswer } from '../../policy/answers-met.ts'
import { laterBy } from '../../instant.ts'
import { foreignText } from '../screens/foreign-text.ts'
import type { Edit } from '../screens/state.ts'
import type { ApproveParts } from './approve-parts.ts'
import { type Examined, examine } from './examine.ts'
import type { Inbox, InboxEntry } from './inbox.ts'
import { challengeFor, makeReceipt, remembering, type Yes } from './make-receipt.ts'
import { isAskedTwice, SAME_ID } from './same-id.ts'

/** A yes as a person gave it with a key. */
export interface Approval {
  readonly examined: Examined
  readonly remember: boolean
  readonly edit: Edit | null
}

/** What became of an answer. */
export type Taken = Awaited<ReturnType<ApproveParts['inbox']['answer']>>

/** Does what a yes needs leave the screen to somebody else: ssh-keygen, or the address of a sign-in? */
export function needsTerminal({ examined: { offer } }: Approval): boolean {
  return offer.kind === 'approve' && offer.proof !== 'terminal'
}

/**
 * Proves and gives a yes. The call is examined once more, by the policy of this moment: what was read may be minutes old.
 * Throws APPROVAL_ALTERED, NOT_APPROVER, GRANT_DENIED, and what proving throws.
 */
export async function giveApproval(
  approval: Approval,
  { inbox, own, catchUp, prove }: ApproveParts,
  now: () => Date,
  show: (text: string) => void,
): Promise<Taken> {
  const { examined, edit, remember } = approval
  const { entry } = examined
  const { question } = entry
  await catchUp()
  if (isAskedTwice(question.approval, inbox.waiting())) throw notOffered(SAME_ID, 'APPROVAL_ALTERED')
  const asked = edit?.examined.entry.question ?? question
  const { offer } = examine(
    { ...entry, question: asked, state: stateNow(entry, inbox) },
    own(question),
    now(),
  )
  if (offer.kind === 'deny-only') throw notOffered(offer.why, offer.code)
  if (edit !== null && !offer.edit) throw notOffered('it is not held any more, so it cannot be edited', null)
  if (remember && stateNow(entry, inbox) !== 'held') throw notOffered(NOT_REMEMBERED, null)
  const { demand, proof: kind } = offer
  if (remember && !isAsShown(demand, edit?.examined ?? examined)) throw notOffered(OTHER_TERMS, null)
  const kept = remember && demand.remember !== null ? remembering(demand.remember, now()) : null
  const yes: Omit<Yes, 'state'> = { question, edited: edit?.args ?? null, remember: kept }
  if (needsTerminal(approval)) show(inPlainWords(approval))
  const { proof, approver } = await prove(kind, challengeFor(yes), show, question)
  const may = approver === null ? null : mayAnswer(demand, question.requester, approver)
  if (may?.ok === false && approver !== null) throw notTheirs(approver, may.why)
  const state = stateFor(yes, entry, inbox)
  if (kept !== null && state !== 'held') throw notOffered(NOT_REMEMBERED, null)
  const receipt = makeReceipt({ ...yes, state }, proof, now())
  return inbox.answer(entry, { kind: 'approve', receipt })
}

// Nobody tells a store that a client waits no longer: an answer that is bound to its session might come to nothing. What is
// edited or remembered counts in its session only.
function stateFor(yes: Omit<Yes, 'state'>, entry: InboxEntry, inbox: Inbox): InboxEntry['state'] {
  const mayLeave = yes.edited === null && yes.remember === null && yes.question.demand.onTimeout === 'queue'
  return entry.from === 'team' && mayLeave ? 'queued' : stateNow(entry, inbox)
}

// While a person signs in, the client may stop to wait: an answer that is bound to its session would come to nothing.
function stateNow({ question, state }: InboxEntry, inbox: Inbox): InboxEntry['state'] {
  const same = inbox.waiting().find((one) => one.question.challenge === question.challenge)
  return same?.state ?? state
}

/** Gives a no. It needs no proof: it can only withhold. */
export function giveDenial(
  { entry }: Examined,
  message: string | null,
  { inbox, name }: ApproveParts,
  now: Date,
): Promise<Taken> {
  const { approval } = entry.question
  const answer: Answer = { kind: 'deny', approval, by: name, message, at: now.toISOString() }
  return inbox.answer(entry, answer)
}

function inPlainWords({ examined, edit }: Approval): string {
  const { approval, server } = examined.entry.question
  const on = server.name === null ? '' : ` on ${foreignText(server.name)}`
  const how = edit === null ? '' : ', with the arguments as you edited them'
  return `You approve ${approval}: ${foreignText(examined.what)}${on}${how}.\n`
}

// At this screen somebody else may be signed in.
function notTheirs({ email, sub }: Approver, why: string): HoopctlError {
  const message = `it was proven to be ${foreignText(email ?? sub)}, who cannot approve it: ${why}`
  return new HoopctlError('NOT_APPROVER', message, {
    hint: 'sign in as yourself, or leave it to somebody else',
  })
}

// What the person read is what they sign, also where the policy was changed a moment ago.
function isAsShown(demand: Demand, { offer }: Examined): boolean {
  return offer.kind === 'approve' && JSON.stringify(offer.demand.remember) === JSON.stringify(demand.remember)
}

const OTHER_TERMS = 'for how long an answer is remembered has changed since it was shown'

// A yes that is to be remembered counts in the session that asked; to a queued call it would count for nothing at all.
const NOT_REMEMBERED = 'it is not held any more, so the answer cannot be remembered: `a` approves it once'

function notOffered(why: string, code: HoopctlError['code'] | null): HoopctlError {
  const hint = 'look at it again: hoopctl approve'
  return new HoopctlError(code ?? 'GRANT_DENIED', `it cannot be approved: ${why}`, { hint })
}

/** Says what a yes comes to that nobody waits for any more: it lies there until the model comes back, and not for ever. */
export function comesAgain({ entry, offer }: Examined, now: Date): string {
  if (entry.state === 'held' || offer.kind !== 'approve') return ''
  const until = laterBy(now, offer.demand.validMs).toISOString().slice(11, 16)
  return `. It passes when repeated, until ${until} UTC`
}
