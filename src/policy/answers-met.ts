import type { Approver, Demand, ProofKind, Requester } from '../approval.ts'
import { isAtLeast } from './merge-terms.ts'
import { isOneOf, whoInWords } from './who.ts'

/** One person's yes whose proof was verified. */
export interface VerifiedAnswer {
  readonly approver: Approver
  readonly proof: ProofKind
}

type Wanted = Demand['each'][number]

/**
 * Says in words what is still missing, a text for each rule that is not met; empty: the call may be sent. An answer
 * counts where its proof is at least the demanded one; a person counts once for each rule that they may answer, however
 * often they answered.
 */
export function missingAnswers(
  demand: Demand,
  requester: Requester,
  answers: readonly VerifiedAnswer[],
): string[] {
  if (demand.each.length === 0) return [NOBODY]
  const counting = answers.filter(({ proof }) => isAtLeast(proof, demand.proof))
  return demand.each.flatMap((wanted) => {
    const of = counting.filter(({ approver }) => refusalOf(wanted, requester, approver) === null)
    const people = new Set(of.map(({ approver }) => personId(approver)))
    return people.size >= wanted.count ? [] : [missingOf(wanted, people.size, demand.proof)]
  })
}

/** Says whether a person's yes could count for any of the rules that ask; if not, why not, in one clause. */
export function mayAnswer(
  demand: Demand,
  requester: Requester,
  approver: Approver,
): { readonly ok: true } | { readonly ok: false; readonly why: string } {
  const refusals = demand.each.map((wanted) => refusalOf(wanted, requester, approver))
  if (refusals.includes(null)) return { ok: true }
  const whys = new Set(refusals.flatMap((why) => (why === null ? [] : [why])))
  return { ok: false, why: [...whys].join('; ') || NOBODY }
}

// A demand that names no rule came from no decision of ours.
const NOBODY = 'no rule says who may answer'

function refusalOf({ by, notSelf }: Wanted, requester: Requester, approver: Approver): string | null {
  if (notSelf && personId(requester) === personId(approver)) return 'whoever asks cannot answer themselves'
  if (by !== null && !isOneOf(by, approver)) return `it is for ${whoInWords(by)} to answer`
  return null
}

// A list, because a name may hold whatever stands between two names.
function personId({ issuer, sub }: Requester): string {
  return JSON.stringify([issuer, sub])
}

function missingOf({ rule, by, notSelf, count }: Wanted, have: number, proof: ProofKind): string {
  const left = count - have
  const people = `${left}${have === 0 ? '' : ' more'} ${left === 1 ? 'person' : 'people'}`
  const whom = by === null ? [] : [`it is for ${whoInWords(by)} to answer`]
  const terms = [...whom, ...(notSelf ? ['not for whoever asks'] : []), `proven by \`${proof}\``]
  return `\`${rule}\` waits for ${people}: ${terms.join(', ')}`
}
