import { readCall } from '../policy/call-text.ts'
import type { Explained } from '../policy/explain.ts'
import type { Policy } from '../policy/policy.ts'

/**
 * Says which servers a policy has rules for, where a call was explained without a server and no rule covered it: that
 * answer is true of `wrap -- COMMAND`, and rarely what was asked. Null where there is nothing to say.
 */
export function serverHint(text: string, explained: Explained, policy: Policy): string | null {
  if (!explained.ok || explained.explanation.effect !== 'deny' || explained.explanation.rules.length > 0)
    return null
  if (readCall(text).kind !== 'call') return null // no rule of any server is about it
  const covered = policy.rules.flatMap(({ covers }) => covers.map(({ server }) => server))
  const granted = policy.grants.map(({ server }) => server)
  const named = new Set([...covered, ...granted].filter((server) => server !== null))
  const [only, ...others] = named
  if (only === undefined) return null
  const which = others.length === 0 ? only : 'NAME'
  return `this policy has rules for ${[...named].join(', ')}: add --server ${which}`
}
