import type { SessionEntry } from './session-entry.ts'

/** What sessions are looked for by; null: any. */
export interface SessionFilter {
  /** false: only those in which something was called, or of which nobody can tell because they are broken. */
  readonly all: boolean
  /** The email or `sub` of a subject, whatever its case. */
  readonly person: string | null
  /** As lists show it: the name in the policy, else the command. */
  readonly server: string | null
  readonly tool: string | null
  /** What was decided of a call at first; of a call of `tool`, where that is named. */
  readonly effect: 'allow' | 'ask' | 'deny' | null
  /** Sessions of which some part lies between the two. */
  readonly since: Date | null
  readonly until: Date | null
}

/** Tells whether a session is one of those that are looked for. */
export function fits(entry: SessionEntry, filter: SessionFilter): boolean {
  const { person, server } = filter
  if (!filter.all && entry.state !== 'broken' && entry.calls === 0) return false
  if (person !== null && !entry.people.some((name) => isSameName(name, person))) return false
  if (server !== null && entry.server !== server) return false
  return usesFit(entry, filter) && timesFit(entry, filter)
}

function usesFit({ uses }: SessionEntry, { tool, effect }: SessionFilter): boolean {
  if (tool === null && effect === null) return true
  return uses.some((use) => {
    const space = use.indexOf(' ')
    const [decided, used] = space === -1 ? [use, null] : [use.slice(0, space), use.slice(space + 1)]
    return (tool === null || used === tool) && (effect === null || decided === effect)
  })
}

function timesFit({ started, last }: SessionEntry, { since, until }: SessionFilter): boolean {
  if (since !== null && !(last !== null && Date.parse(last) >= since.getTime())) return false
  return until === null || (started !== null && Date.parse(started) <= until.getTime())
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
