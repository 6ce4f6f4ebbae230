import { ReplayEntries } from '../../../src/audit/replay-entries.ts'
import type { Known } from '../../../src/cli/replay/state.ts'

const START = Date.parse('2026-11-21T09:00:00Z')

/** Entries at these seconds of a session, or at no time; `d` behind one is a denial, `a` an approval. */
export function knownOf(at: readonly string[], rest: Partial<Known> = {}): Known {
  const entries = new ReplayEntries()
  for (const [seq, each] of at.entries()) {
    const ms = START + Number.parseFloat(each) * 1000
    const time = Number.isNaN(ms) ? each : new Date(ms).toISOString().replace('Z', '000Z')
    const kind = each.endsWith('d') ? 'refused' : each.endsWith('a') ? 'approval' : 'request'
    entries.add({ seq, at: time, kind }, { offset: seq, length: 1 })
  }
  return { entries, isRead: true, end: 'ended', ...rest }
}
