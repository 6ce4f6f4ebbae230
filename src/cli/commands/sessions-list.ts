import { join } from 'node:path'
import { Command } from 'commander'
import type { SessionEntry } from '../../audit/session-entry.ts'
import type { SessionFilter } from '../../audit/session-filter.ts'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import { columns } from '../columns.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { pointInTime } from '../point-in-time.ts'
import { sessionsDirectory } from '../sessions-directory.ts'

/** What was typed, as it was typed. */
interface ListOptions {
  readonly all: boolean
  readonly json: boolean
  readonly person?: string
  readonly server?: string
  readonly tool?: string
  readonly effect?: string
  readonly since?: string
  readonly until?: string
  readonly text?: string
}

const TITLES = ['NUMBER', 'SESSION', 'STARTED', 'STATE', 'SERVER', 'SUBJECT', 'CALLS', 'ASKED', 'DENIED']

// On a narrow terminal these go first; the number is as good a name for a session as its id.
const DISPENSABLE = ['SESSION', 'SUBJECT', 'ASKED', 'STATE', 'STARTED']

/** Declares `hoopctl sessions list`. */
export function sessionsListCommand(context: Context, run = sessionsList): Command {
  return new Command('list')
    .description(
      'List the recorded sessions, oldest first; with filters, those that fit all of them. CALLS counts what the client called, read or subscribed to, and whatever else it was refused but handshakes and lists; ASKED and DENIED are those of them that were asked about or denied. On a narrow terminal, columns are left out; --json has all.',
    )
    .option('--person <NAME>', 'whose: the email or `sub` of whoever was signed in')
    .option('--server <NAME>', 'of which server, as SERVER shows it')
    .option('--tool <NAME>', 'in which this tool was called')
    .option(
      '--effect <EFFECT>',
      'in which a call (of --tool, if named) was first decided so: allow, ask or deny',
    )
    .option(
      '--since <TIME>',
      'that were running then or began later: 2026-11-21T09:14:07Z, 2026-11-21, or 7d for days ago',
    )
    .option('--until <TIME>', 'that began by then: a time like that of --since')
    .option(
      '--text <TEXT>',
      'whose log holds this, in any case: in arguments, results, reasons; reads the logs, so it takes longer',
    )
    .option('--all', 'also those in which nothing was called, like the probes of some clients', false)
    .option('--json', 'print the list as JSON', false)
    .addHelpText('after', examples('hoopctl sessions list', 'hoopctl sessions list --effect deny'))
    .action((options: ListOptions) => run(options, context))
}

/** Prints the sessions of this device that fit. Throws USAGE where a filter has no such value. */
export async function sessionsList(options: ListOptions, context: Context): Promise<void> {
  const filter = filterOf(options, context.now())
  const { sessionEntries } = await import('../../audit/sessions.ts')
  const directory = sessionsDirectory(context)
  const entries = sessionEntries(directory, context.directories().cache)
  const listed = await fitting(entries, { directory, filter, options })
  const { heldIn } = await import('../../audit/session-hold.ts')
  const held = heldIn(directory)
  if (options.json)
    context.stdout.write(jsonLine({ sessions: listed.map((entry) => forPrograms(entry, held)) }))
  else if (listed.length === 0) context.stderr.write(`hoopctl: ${nothing(options, entries.length)}\n`)
  else {
    const room = { width: context.stdout.columns, dispensable: DISPENSABLE }
    context.stdout.write(columns(table(listed, held), room))
  }
  const hidden = entries.filter((entry) => entry.state === 'broken' && !listed.includes(entry))
  if (hidden.length > 0) context.stderr.write(`hoopctl: ${mayFit(hidden)}\n`)
}

/** Where the logs are, and what is looked for in them. */
interface Wanted {
  readonly directory: string
  readonly filter: SessionFilter
  readonly options: ListOptions
}

async function fitting(entries: readonly SessionEntry[], wanted: Wanted): Promise<readonly SessionEntry[]> {
  const { directory, filter, options } = wanted
  const { fits, holdsText } = await import('../../audit/session-filter.ts')
  const { fileNameOf } = await import('../../audit/session-number.ts')
  const found = entries.filter((entry) => fits(entry, filter))
  const { text } = options
  if (text === undefined) return found
  return found.filter(({ number }) => holdsText(join(directory, fileNameOf(number)), text))
}

const EFFECTS = ['allow', 'ask', 'deny'] as const
const NAMES = ['person', 'server', 'tool', 'text'] as const

function filterOf(options: ListOptions, now: Date): SessionFilter {
  for (const name of NAMES)
    if (options[name] === '') throw wrong(`\`--${name}\` is empty`, 'say what to look for')
  const effect = EFFECTS.find((each) => each === options.effect) ?? null
  if (options.effect !== undefined && effect === null) {
    throw wrong(`there is no effect \`${visible(options.effect)}\``, 'write allow, ask or deny')
  }
  const { all, person = null, server = null, tool = null, since, until } = options
  const times = {
    since: since === undefined ? null : pointInTime(since, '--since', now),
    until: until === undefined ? null : pointInTime(until, '--until', now),
  }
  if (times.since !== null && times.until !== null && times.until < times.since) {
    throw wrong('`--until` is before `--since`', 'no session is between the two: change one of them')
  }
  return { all, person, server, tool, effect, ...times }
}

function wrong(message: string, hint: string): HoopctlError {
  return new HoopctlError('USAGE', message, { hint })
}

function nothing(options: ListOptions, sessions: number): string {
  const { all, json: _, ...filters } = options
  const more = all ? '' : '; --all shows also those in which nothing was called'
  const some = Object.keys(filters).length > 0 && sessions > 0
  return some ? `none of ${counted(sessions, 'session')} fits${more}` : `there are no sessions yet${more}`
}

// A filter must not be the way in which a damaged log disappears.
function mayFit(broken: readonly SessionEntry[]): string {
  const some = broken.slice(0, 5).map(({ number }) => number)
  const numbers = `${some.join(', ')}${broken.length > some.length ? ', …' : ''}`
  return `not listed, but not readable to the end either: ${counted(broken.length, 'session')} (${numbers})`
}

// Programs name a session by its id; the number is there for people, who have to type it.
function forPrograms(
  { session, started, ended, state, server, subject, calls, asked, denied, number }: SessionEntry,
  held: ReadonlySet<number>,
): object {
  return { session, started, ended, state, server, subject, calls, asked, denied, held: held.has(number) }
}

// Few people ever hold a session: the others see no column for it.
function table(listed: readonly SessionEntry[], held: ReadonlySet<number>): readonly (readonly string[])[] {
  const rows = [TITLES, ...listed.map(row)]
  if (!listed.some(({ number }) => held.has(number))) return rows
  const marks = ['HELD', ...listed.map(({ number }) => (held.has(number) ? 'held' : ''))]
  return rows.map((cells, index) => [...cells, marks[index] ?? ''])
}

function row(session: SessionEntry): readonly string[] {
  const { number, state, calls, asked, denied } = session
  const texts = [session.session, secondOf(session.started), state, session.server, session.subject]
  const shown = texts.map((text) => visible(text ?? '-'))
  return [String(number), ...shown, String(calls), String(asked), String(denied)]
}

function secondOf(time: string | null): string | null {
  return time === null ? null : time.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
}
