import { checkReceipt } from '../../identity/check-receipt.ts'
import { discoverProvider, type Provider } from '../../identity/provider.ts'
import type { OidcChecks, ProofWorld } from '../../identity/receipt-proof.ts'
import { verifyingKey } from '../../identity/verifying-key.ts'
import { verifyIdToken } from '../../identity/verify-id-token.ts'
import { approverOfClaims, approverOfKey } from '../../policy/approver.ts'
import type { Policy } from '../../policy/policy.ts'
import type { ApprovalDesk } from '../../shim/approval-desk.ts'
import { parseJson } from '../../json-parse.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'

/**
 * Makes what checks receipts, by the policy of now. The issuer's keys are asked for by this process: kept ones would be
 * whatever a program of this user wrote.
 */
export function receiptChecker(policyNow: () => Policy, context: Context): ApprovalDesk['check'] {
  let known: Provider | null = null
  const provider = async () => {
    // A newer policy may name another issuer, whose word alone counts from then on.
    const issuer = policyNow().identity?.issuer ?? ''
    if (known?.issuer !== issuer)
      known = await discoverProvider(issuer, httpClient(await readConfig(context), context))
    return known
  }
  return async (receipt, question, call, session) => {
    const policy = policyNow()
    const checked = await checkReceipt(receipt, question, {
      personOfKey: (key) => personOf(key, policy),
      oidc: oidcOf(policy, provider),
      call,
      session,
      now: context.now(),
    })
    const { edited } = receipt
    if (!checked.ok || edited === null) return checked
    // Last, because it may take a second; loaded for the few calls that somebody edits.
    const { schemaFault } = await import('./schema-fault.ts')
    const fault = await schemaFault(parseJson(edited.arguments), question.definitionText)
    return fault === null ? checked : { ok: false, why: `it was edited, and ${fault}` }
  }
}

/** Says by which sign-ins a policy knows who answers; null: by none. */
export function oidcOf(policy: Policy, provider: () => Promise<Provider>): OidcChecks | null {
  const { identity } = policy
  if (identity === null || identity.approvals === null) return null
  const { issuer, clientId, approvals } = identity
  return {
    settings: { issuer, clientId, approvals },
    verify: async (token, expected) => verifyIdToken(token, { ...expected, provider: await provider() }),
    keyOf: async (token, now) => verifyingKey(token, await provider(), now),
    isPairwise: async () => (await provider()).pairwise,
    approverOfClaims: (claims) => {
      const found = approverOfClaims(claims, policy)
      return found.ok ? found.approver : null
    },
  }
}

/** Says whose SSH key it is under a policy; null: nobody's. */
export function personOf(key: string, policy: Policy): ReturnType<ProofWorld['personOfKey']> {
  const found = approverOfKey(key, policy)
  return found.ok ? { approver: found.approver, userVerification: found.verifyRequired } : null
}
