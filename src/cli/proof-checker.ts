import type { Activation } from '../activation.ts'
import { checkAgreement } from '../identity/approval-proof.ts'
import { discoverProvider, type Provider } from '../identity/provider.ts'
import { checkRequestProof } from '../identity/request-proof.ts'
import type { OidcChecks } from '../identity/receipt-proof.ts'
import { verifyIdToken } from '../identity/verify-id-token.ts'
import { proofFault } from '../policy/activation-standing.ts'
import { missingAnswers } from '../policy/answers-met.ts'
import { grantDemand } from '../policy/grant-demand.ts'
import type { PolicyNow } from '../shim/feeds.ts'
import { oidcOf, personOf } from './approvals/receipt-checker.ts'
import { readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { httpClient } from './open-sign-ins.ts'

/** Says why an activation's proof does not hold, or null. Throws UNREACHABLE where the provider's keys cannot be had. */
export type ProofChecker = (
  activation: Activation,
  policy: Pick<PolicyNow, 'policy'>,
) => Promise<string | null>

/**
 * Makes what checks the proofs of activations. The provider's keys are asked for by this process: kept ones would be
 * whatever a program of this user wrote.
 */
export function proofChecker(context: Context): ProofChecker {
  let known: Provider | null = null
  return async (activation, { policy }) => {
    const grant = policy.grants.find(({ name }) => name === activation.grant)
    if (grant === undefined) return 'the policy has no such grant'
    const weak = proofFault(activation.proof, grant.activate)
    if (weak !== null) return weak
    const provider = async () => {
      // A newer policy may name another issuer, whose word alone counts from then on.
      const issuer = policy.identity?.issuer ?? ''
      if (known?.issuer !== issuer) known = await discover(issuer, context)
      return known
    }
    const verify: OidcChecks['verify'] = async (token, expected) =>
      verifyIdToken(token, { ...expected, provider: await provider() })
    const personOfKey = (key: string) => personOf(key, policy)
    if (grant.activate.approval === null) {
      const grantProof = grant.activate.proof
      return checkRequestProof(activation, { verify, settings: policy.identity, personOfKey, grantProof })
    }
    const demand = grantDemand([grant])
    return checkAgreement(activation, {
      server: grant.server,
      demand,
      personOfKey,
      oidc: oidcOf(policy, provider),
      missing: (answers) => missingAnswers(demand, activation, answers),
    })
  }
}

async function discover(issuer: string, context: Context): Promise<Provider> {
  return discoverProvider(issuer, httpClient(await readConfig(context), context))
}
