import { isDeepStrictEqual } from 'node:util'
import type { ApproveParts } from './approve-parts.ts'
import type { InboxEntry } from './inbox.ts'
import { type Examined, examine, type Own } from './examine.ts'

interface Known {
  readonly own: Own
  readonly untilMs: number
  readonly examined: Examined
}

/** The waiting calls, each examined once, and again when something about it, the policy, or its time has changed. */
export class ExaminedCalls {
  readonly #parts: Pick<ApproveParts, 'inbox' | 'own'>
  #known = new Map<string, Known>()

  constructor(parts: Pick<ApproveParts, 'inbox' | 'own'>) {
    this.#parts = parts
  }

  /** Gives what waits at this time, in the order of the inbox. */
  now(now: Date): readonly Examined[] {
    const fresh = new Map<string, Known>()
    for (const entry of distinct(this.#parts.inbox.waiting())) {
      const { approval, answerBy } = entry.question
      const own = this.#parts.own(entry.question)
      const known = this.#known.get(approval)
      const isSame =
        known?.own === own && now.getTime() < known.untilMs && isDeepStrictEqual(known.examined.entry, entry)
      const end = Date.parse(answerBy)
      const untilMs = now.getTime() < end ? end : Number.POSITIVE_INFINITY
      fresh.set(approval, isSame ? known : { own, untilMs, examined: examine(entry, own, now) })
    }
    this.#known = fresh
    return [...fresh.values()].map(({ examined }) => examined)
  }
}

// Whoever writes the team's store could put a question there under the id of one of ours.
function distinct(entries: readonly InboxEntry[]): readonly InboxEntry[] {
  const kept = new Map<string, InboxEntry>()
  for (const entry of entries) {
    const { approval } = entry.question
    if (!kept.has(approval) || (entry.from === 'here' && kept.get(approval)?.from !== 'here'))
      kept.set(approval, entry)
  }
  return [...kept.values()]
}
