import type { Approver, Demand, Requester } from '../../approval.ts'
import { isOneOf, whoInWords } from '../../policy/who.ts'

/**
 * Says why somebody's yes would not count for any rule that asks, in one clause; null: it counts for one at least. An
 * answer of somebody whom no rule names is not even given: it would look like one.
 */
export function notNamed(approver: Approver, { each }: Demand, requester: Requester): string | null {
  const isSelf = approver.issuer === requester.issuer && approver.sub === requester.sub
  const refusals = each.map(({ by, notSelf, rule }) => {
    if (notSelf && isSelf) return `\`${rule}\` wants somebody else than who asks`
    const counts = by === null || isOneOf(by, approver)
    return counts ? null : `\`${rule}\` asks ${by === null ? '' : whoInWords(by)}, not you`
  })
  return refusals.includes(null) ? null : (refusals[0] ?? null)
}
