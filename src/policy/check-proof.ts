import type { ProofKind } from '../approval.ts'
import type { ProblemList } from './problem-list.ts'
import type { ApprovalInFile } from './schema-approval.ts'
import type { YamlPath } from './yaml-node.ts'

/** What of a policy says which proofs there can be. */
export interface ProofSetting {
  readonly signed: boolean
  /** Has the policy a second client, at which people prove that they ask or answer? */
  readonly approvalsClient: boolean
  /** Does it know anybody's keys? */
  readonly hasPeople: boolean
  /** Do questions and answers go through a store? */
  readonly hasStore: boolean
}

interface Tools extends ProofSetting {
  readonly problems: ProblemList
}

const STRONGER = 'write `proof: oidc` (a fresh sign-in) or `proof: key` (an SSH key of `people`)'

/**
 * Notes what an `ask` rule wants and its proof cannot show. `terminal` shows that somebody is at a terminal of this user,
 * and not who: then nobody could be named, kept out or counted, and whoever writes the store could answer.
 */
export function checkProof(approval: ApprovalInFile, proof: ProofKind, rule: YamlPath, tools: Tools): void {
  const path = [...rule, 'approval']
  const at = approval.proof === undefined ? [...rule, 'ask'] : [...path, 'proof']
  if (proof === 'oidc' && !tools.approvalsClient) {
    const what =
      approval.proof === undefined ? 'in a signed policy an answer' : 'an answer with `proof: oidc`'
    const hint = 'add `approvals: { clientId: … }` to `identity`, or write `proof: key` and `people`'
    tools.problems.atValue(at, `${what} is proven at \`identity.approvals\`, which there is not`, hint)
  }
  if (proof === 'key') checkKeyProof(at, tools)
  if (proof !== 'terminal') return
  const why = `\`proof: terminal\` does not show it${approval.proof === undefined ? ' (an unsigned policy has it where nothing is written)' : ''}`
  const needs: readonly (readonly [boolean, YamlPath, string])[] = [
    [approval.by !== undefined, [...path, 'by'], '`by`'],
    [approval.notSelf === true, [...path, 'notSelf'], '`notSelf`'],
    [(approval.count ?? 1) > 1, [...path, 'count'], '`count` over 1'],
    [tools.hasStore, at, 'an answer through `approvals.store`'],
  ]
  for (const [isWanted, where, what] of needs) {
    if (isWanted) tools.problems.atValue(where, `${what} needs to know who answers, and ${why}`, STRONGER)
  }
}

/** Notes that nobody's key is known. */
export function checkKeyProof(at: YamlPath, { hasPeople, problems }: Tools): void {
  if (hasPeople) return
  const hint = 'add `people` with their keys, or write `proof: oidc`'
  problems.atValue(at, '`proof: key` is given with a key of `people`, who are nowhere in this policy', hint)
}
