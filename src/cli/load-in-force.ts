import type { Policy } from '../policy/policy.ts'
import type { Blocked } from '../shim/standing.ts'
import type { CentralFacts } from './central/central-facts.ts'
import type { AssumeRole } from './central/open-central.ts'
import { chooseSource } from './choose-source.ts'
import type { Context } from './context.ts'

/** The policy that holds for commands: a file that its reader is yet to load, or a central one. */
export type InForce =
  | { readonly kind: 'file'; readonly path: string }
  | {
      readonly kind: 'central'
      readonly policy: Policy
      /** What activations name it by: `trust:DIGEST/NAME`, by the pinned trust document. */
      readonly key: string
      /** Not null: it has ended, or its source was silent for too long, also now. */
      readonly blocked: Blocked | null
      readonly facts: CentralFacts
    }

/**
 * Finds the policy in force, as `wrap` would. A central one comes from what is kept here; its source is asked only where
 * that does not hold or does not count any more. Throws what `chooseSource` throws, UNREACHABLE, POLICY_ALTERED and
 * POLICY_INVALID.
 */
export async function loadInForce(
  named: string | undefined,
  context: Context,
  options: { readonly assume?: AssumeRole } = {},
): Promise<InForce> {
  const chosen = await chooseSource(named, context)
  if (chosen.kind === 'file') return chosen
  const { withCentral } = await import('./central/with-central.ts')
  const { centralFacts } = await import('./central/central-facts.ts')
  const work: Parameters<typeof withCentral<InForce>>[2] = async (kept, central) => {
    const before = centralFacts(kept, central)
    if (before.blocked === null) return inForce(kept.policy, before, central.key)
    await central.keeper.refresh().catch(() => undefined) // why it is blocked says what helps
    const now = central.keeper.kept ?? kept
    return inForce(now.policy, centralFacts(now, central), central.key)
  }
  return withCentral(chosen.source, context, work, options)
}

function inForce(policy: Policy, facts: CentralFacts, key: string): InForce {
  return { kind: 'central', policy, key, blocked: facts.blocked, facts }
}
