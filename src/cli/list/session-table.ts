import type { SessionEntry } from '../../audit/session-entry.ts'
import type { Hold } from '../../audit/session-hold.ts'
import { visible } from '../../visible.ts'
import { cutTo, type Narrowing } from '../columns.ts'

const TITLES = ['NUMBER', 'SESSION', 'STARTED', 'STATE', 'SERVER', 'SUBJECT', 'CALLS', 'ASKED', 'DENIED']

// Who it was is what people look for, so SUBJECT stays; the number is as good a name for a session as its id.
/** How a table of sessions is made to fit a narrow terminal. */
export const SESSION_NARROWINGS: readonly Narrowing[] = [
  { title: 'HELD', shorter: cutTo(16) },
  { title: 'SESSION', shorter: null },
  { title: 'STARTED', shorter: (time) => time.slice(0, '2026-11-21 09:14'.length) },
  { title: 'ASKED', shorter: null },
  { title: 'HELD', shorter: (why) => (why === '' ? '' : 'held') },
  { title: 'SUBJECT', shorter: cutTo(24) },
  { title: 'SERVER', shorter: cutTo(16) },
  { title: 'STARTED', shorter: (time) => time.slice(0, '2026-11-21'.length) },
  { title: 'SUBJECT', shorter: cutTo(18) },
  { title: 'SERVER', shorter: cutTo(12) },
  { title: 'STATE', shorter: null },
  { title: 'STARTED', shorter: null },
  { title: 'CALLS', shorter: null },
  { title: 'SUBJECT', shorter: cutTo(14) },
  { title: 'SERVER', shorter: cutTo(8) },
  { title: 'HELD', shorter: null },
]

/** Makes the rows of a table of sessions, the titles first. Few people ever hold one: the others see no column for it. */
export function sessionRows(
  listed: readonly SessionEntry[],
  holds: ReadonlyMap<number, Hold>,
): readonly (readonly string[])[] {
  const rows = [TITLES, ...listed.map(row)]
  if (!listed.some(({ number }) => holds.has(number))) return rows
  const marks = ['HELD', ...listed.map(({ number }) => mark(holds.get(number)))]
  return rows.map((cells, index) => [...cells, marks[index] ?? ''])
}

function mark(hold: Hold | undefined): string {
  if (hold === undefined) return ''
  return visible([hold, ...hold.also].map(({ reason }) => reason ?? 'held').join('; '))
}

function row(session: SessionEntry): readonly string[] {
  const { number, state, calls, asked, denied } = session
  const texts = [session.session, secondOf(session.started), state, session.server, session.subject]
  const shown = texts.map((text) => visible(text ?? '-'))
  return [String(number), ...shown, String(calls), String(asked), String(denied)]
}

/** Writes the instant of a record to the second. */
export function secondOf(time: string | null): string | null {
  return time === null ? null : time.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
}
