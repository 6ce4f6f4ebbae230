import { isDeepStrictEqual } from 'node:util'
import type { ApproveParts } from './approve-parts.ts'
import type { InboxEntry } from './inbox.ts'
import { type Examined, examine, type Own } from './examine.ts'
import { questionFaults } from './question-faults.ts'
import { SAME_ID } from './same-id.ts'

interface Known {
  readonly own: Own
  /** Does no other call have its id? */
  readonly single: boolean
  readonly untilMs: number
  readonly examined: Examined
}

/** The waiting calls, each examined once, and again when something about it, the policy, or its time has changed. */
export class ExaminedCalls {
  readonly #parts: Pick<ApproveParts, 'inbox' | 'own'>
  /** By their challenges: anybody could ask under the id of another call. */
  #known = new Map<string, Known>()

  constructor(parts: Pick<ApproveParts, 'inbox' | 'own'>) {
    this.#parts = parts
  }

  /** Gives what waits at this time, in the order of the inbox. */
  now(now: Date): readonly Examined[] {
    const fresh = new Map<string, Known>()
    const entries = distinct(this.#parts.inbox.waiting())
    const counts = countIds(entries)
    for (const entry of entries) {
      const { approval, challenge, answerBy } = entry.question
      const own = this.#parts.own(entry.question)
      const known = this.#known.get(challenge)
      const single = counts.get(approval) === 1
      const isSame =
        known?.own === own &&
        known.single === single &&
        now.getTime() < known.untilMs &&
        isDeepStrictEqual(known.examined.entry, entry)
      const end = Date.parse(answerBy)
      const untilMs = now.getTime() < end ? end : Number.POSITIVE_INFINITY
      fresh.set(
        challenge,
        isSame ? known : { own, single, untilMs, examined: shown(entry, own, now, single) },
      )
    }
    this.#known = fresh
    return [...fresh.values()].map(({ examined }) => examined)
  }
}

function shown(entry: InboxEntry, own: Own, now: Date, single: boolean): Examined {
  const examined = examine(entry, own, now)
  if (single || examined.faults.length > 0) return examined
  return { ...examined, offer: { kind: 'deny-only', code: 'APPROVAL_ALTERED', why: SAME_ID } }
}

// The same question may lie here and in the team's store. Its challenge is computed when it is examined: before that, one
// that only says it has this challenge could stand in its place.
function distinct(entries: readonly InboxEntry[]): readonly InboxEntry[] {
  const kept = new Map<string, InboxEntry>()
  for (const entry of entries) {
    const { challenge } = entry.question
    const before = kept.get(challenge)
    if (before === undefined || isBetter(entry, before)) kept.set(challenge, entry)
  }
  return [...kept.values()]
}

function isBetter(entry: InboxEntry, before: InboxEntry): boolean {
  if (before.from === 'here') return false
  return entry.from === 'here' || questionFaults(before.question).length > 0
}

function countIds(entries: readonly InboxEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { question } of entries) counts.set(question.approval, (counts.get(question.approval) ?? 0) + 1)
  return counts
}
