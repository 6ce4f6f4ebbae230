import { join } from 'node:path'
import type { SessionEntry } from '../../src/audit/session-entry.ts'
import { fits, type SessionFilter } from '../../src/audit/session-filter.ts'
import { sessionEntries } from '../../src/audit/sessions.ts'

/** A filter that every session fits. */
export const ANY: SessionFilter = {
  all: true,
  person: null,
  server: null,
  tool: null,
  effect: null,
  since: null,
  until: null,
}

/** The sessions of a state's directory that fit; their index is kept beside it. */
export function listSessions(directory: string, filter: Partial<SessionFilter>): readonly SessionEntry[] {
  const entries = sessionEntries(directory, join(directory, '../../cache'))
  return entries.filter((entry) => fits(entry, { ...ANY, ...filter }))
}
