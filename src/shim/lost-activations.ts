import type { Activation } from '../activation.ts'
import { cutBy, lostUnder } from '../policy/activation-standing.ts'
import { isOneOf } from '../policy/who.ts'
import type { Activations } from '../state/activations.ts'
import { Events } from '../state/events.ts'
import type { SharedState } from '../state/shared-state.ts'
import { VersionMarks } from '../state/version-marks.ts'
import type { Subject } from '../subject.ts'
import type { PolicyNow } from './feeds.ts'

/** What activations are ended by. */
export interface LostParts {
  readonly state: SharedState
  readonly activations: Activations
  /** The public key of this device. */
  readonly device: string
}

/** Whose groups and email are known, and which activations they may be held against: those that were made before they were read. */
export interface KnownSubject {
  readonly subject: Subject
  readonly mayJudge: (activation: Activation) => boolean
}

type InForce = Pick<PolicyNow, 'policy' | 'key'>

/** An activation of which less is given than it has; `why` it is over, or null and what is left of it. */
interface Less {
  readonly activation: Activation
  readonly why: string | null
  readonly cut: Pick<Activation, 'expires' | 'uses'>
}

/**
 * Ends, for all processes and for good, what the policy in force no longer gives, and cuts what it gives less of: a later
 * policy, or a group that somebody is in again, does not bring it back. What ends is told of as an event. Throws
 * STATE_UNWRITABLE.
 * @param known null: nobody's groups are known, and only the policy is looked at
 */
export function endLost(inForce: InForce, known: KnownSubject | null, parts: LostParts, now: Date): void {
  const { state, activations } = parts
  if (findLess(inForce, known, parts, now).length === 0) return
  state.database.durably(() => {
    const events = new Events(state)
    for (const { activation, why, cut } of findLess(inForce, known, parts, now)) {
      const { id, grant } = activation
      if (why === null) {
        activations.cut(id, cut, now)
        continue
      }
      activations.end({ id }, now)
      events.append({ kind: 'ended', at: now, fields: { grant, why } })
    }
  })
}

// Another process may write between two looks, so what is written is looked for again.
function findLess(
  inForce: InForce,
  known: KnownSubject | null,
  { state, activations, device }: LostParts,
  now: Date,
): Less[] {
  const { policy, key } = inForce
  const live = activations.live({ policy: key, device }, now)
  if (live.length === 0) return []
  const isNewest = isNewestSeen(inForce, state)
  return live.flatMap((activation): Less[] => {
    const latest = activations.timeSince(activation.id, now) ?? now
    const held = { activation, used: activations.used(activation.id, now) }
    const policyWhy = isNewest ? lostUnder(policy, held, latest > now ? latest : now) : null
    const why = policyWhy ?? whoFault(activation, inForce, known)
    const cut = isNewest ? cutBy(policy, activation) : activation
    const isLess = why !== null || cut.expires < activation.expires || cut.uses !== activation.uses
    return isLess ? [{ activation, why, cut }] : []
  })
}

// A session may be behind: what was requested under a policy that it has not taken up yet is not for it to judge. A local
// file has no versions, and whoever asks wrote it: nobody can say which of two sessions has read it last.
function isNewestSeen({ policy, key }: InForce, state: SharedState): boolean {
  const { signed, version, digest } = policy
  if (!signed || version === null) return false
  return new VersionMarks(state).isNewest(key, version, digest)
}

function whoFault(activation: Activation, { policy }: InForce, known: KnownSubject | null): string | null {
  if (known === null) return null
  const { subject, mayJudge } = known
  const grant = policy.grants.find(({ name }) => name === activation.grant)
  if (activation.issuer !== subject.issuer || activation.sub !== subject.sub) return null
  if (grant === undefined || isOneOf(grant.who, subject) || !mayJudge(activation)) return null
  return 'it is for others by now'
}
