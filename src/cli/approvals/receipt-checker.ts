import { checkReceipt } from '../../identity/check-receipt.ts'
import { discoverProvider, type Provider } from '../../identity/provider.ts'
import type { OidcChecks, ProofWorld } from '../../identity/receipt-proof.ts'
import { verifyIdToken } from '../../identity/verify-id-token.ts'
import { approverOfClaims, approverOfKey } from '../../policy/approver.ts'
import type { Policy } from '../../policy/policy.ts'
import type { ApprovalDesk } from '../../shim/approval-desk.ts'
import { readConfig } from '../config-file.ts'
import type { Context } from '../context.ts'
import { httpClient } from '../open-sign-ins.ts'

/**
 * Makes what checks receipts, by the policy of now. The issuer's keys are asked for by this process: kept ones would be
 * whatever a program of this user wrote.
 */
export function receiptChecker(policyNow: () => Policy, context: Context): ApprovalDesk['check'] {
  let known: Provider | null = null
  const verify: OidcChecks['verify'] = async (token, expected) => {
    // A newer policy may name another issuer, whose word alone counts from then on.
    const issuer = policyNow().identity?.issuer ?? ''
    if (known?.issuer !== issuer)
      known = await discoverProvider(issuer, httpClient(await readConfig(context), context))
    return verifyIdToken(token, { ...expected, provider: known })
  }
  return (receipt, question, call, session) => {
    const policy = policyNow()
    return checkReceipt(receipt, question, {
      personOfKey: (key) => personOf(key, policy),
      oidc: oidcOf(policy, verify),
      call,
      session,
      now: context.now(),
    })
  }
}

function oidcOf(policy: Policy, verify: OidcChecks['verify']): OidcChecks | null {
  const { identity } = policy
  if (identity === null || identity.approvals === null) return null
  const { issuer, clientId, approvals } = identity
  return {
    settings: { issuer, clientId, approvals },
    verify,
    approverOfClaims: (claims) => {
      const found = approverOfClaims(claims, policy)
      return found.ok ? found.approver : null
    },
  }
}

function personOf(key: string, policy: Policy): ReturnType<ProofWorld['personOfKey']> {
  const found = approverOfKey(key, policy)
  return found.ok ? { approver: found.approver, userVerification: found.verifyRequired } : null
}
