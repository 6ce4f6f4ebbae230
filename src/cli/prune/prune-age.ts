import { HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import { durationInWords } from '../duration.ts'

/**
 * Tells how old the last record of a session must be, in milliseconds, before its log may be removed: what was asked for,
 * else what the policy says. Throws INPUT_INVALID where neither says it, or where less was asked for than a signed policy
 * keeps: it is not its reader's to shorten.
 */
export function ageUnder(
  { name, signed, audit: { retainMs } }: Pick<Policy, 'name' | 'signed' | 'audit'>,
  olderThanMs: number | null,
): number {
  const policy = `the ${signed ? 'signed ' : ''}policy \`${visible(name)}\``
  if (signed && olderThanMs !== null && (retainMs === null || olderThanMs < retainMs)) {
    const kept = retainMs === null ? 'for ever' : `for ${durationInWords(retainMs)}`
    const hint =
      retainMs === null
        ? 'whoever signs it may write `audit.retain`'
        : 'leave out `--older-than`, or ask for a longer time'
    throw new HoopctlError('INPUT_INVALID', `${policy} keeps sessions ${kept}`, { hint })
  }
  const ageMs = olderThanMs ?? retainMs
  if (ageMs !== null) return ageMs
  const hint = `write \`audit: { retain: 90d }\` into it${signed ? '' : ', or type: hoopctl sessions prune --older-than 90d'}`
  throw new HoopctlError('INPUT_INVALID', `${policy} does not say how long sessions are kept`, { hint })
}
