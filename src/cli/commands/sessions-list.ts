import { join } from 'node:path'
import { Command } from 'commander'
import type { SessionEntry } from '../../audit/session-entry.ts'
import type { SessionFilter } from '../../audit/session-filter.ts'
import type { Hold } from '../../audit/session-hold.ts'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
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
  readonly pruned?: boolean
  readonly person?: string
  readonly server?: string
  readonly tool?: string
  readonly effect?: string
  readonly since?: string
  readonly until?: string
  readonly text?: string
}

/** Declares `hoopctl sessions list`. */
export function sessionsListCommand(context: Context, run = sessionsList): Command {
  return new Command('list')
    .description(
      'List the recorded sessions, oldest first; with filters, those that fit all of them. CALLS counts what the client called, read or subscribed to, and whatever else it was refused but handshakes and lists; ASKED and DENIED are those of them that were asked about or denied. HELD says for what `sessions hold` keeps one. Times are UTC. On a narrow terminal, columns are shortened or left out; --json has all.',
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
    .option(
      '--pruned',
      'in place of them, those whose logs were pruned because they were old: when, and where they lay then',
    )
    .option('--json', 'print the list as JSON', false)
    .addHelpText('after', examples('hoopctl sessions list', 'hoopctl sessions list --effect deny'))
    .action((options: ListOptions) => run(options, context))
}

/** Prints the sessions of this device that fit. Throws USAGE where a filter has no such value. */
export async function sessionsList(options: ListOptions, context: Context): Promise<void> {
  const filter = filterOf(options, context.now())
  if (options.pruned === true) {
    refuseFilters(options)
    return (await import('../list/list-pruned.ts')).listPruned(options.json, context)
  }
  const { sessionEntries } = await import('../../audit/sessions.ts')
  const directory = sessionsDirectory(context)
  const entries = sessionEntries(directory, context.directories().cache)
  const { listed, unsearched } = await fitting(entries, { directory, filter, options })
  const { holdsIn } = await import('../../audit/session-hold.ts')
  const holds = holdsIn(directory)
  if (options.json)
    context.stdout.write(jsonLine({ sessions: listed.map((entry) => forPrograms(entry, holds)) }))
  else if (listed.length === 0) context.stderr.write(`hoopctl: ${nothing(options, entries.length)}\n`)
  else await print(listed, holds, context)
  if (unsearched > 0) context.stderr.write(`hoopctl: ${notSearched(unsearched)}\n`)
  const hidden = entries.filter((entry) => entry.state === 'broken' && !listed.includes(entry))
  if (hidden.length > 0) context.stderr.write(`hoopctl: ${mayFit(hidden)}\n`)
}

async function print(
  listed: readonly SessionEntry[],
  holds: ReadonlyMap<number, Hold>,
  context: Context,
): Promise<void> {
  const { sessionRows, SESSION_NARROWINGS } = await import('../list/session-table.ts')
  const { columns } = await import('../columns.ts')
  const room = { width: context.stdout.columns, narrowings: SESSION_NARROWINGS }
  const { text, leftOut } = columns(sessionRows(listed, holds), room)
  context.stdout.write(text)
  if (leftOut.length > 0) context.stderr.write(`hoopctl: no room for ${leftOut.join(', ')}; --json has all\n`)
}

/** Where the logs are, and what is looked for in them. */
interface Wanted {
  readonly directory: string
  readonly filter: SessionFilter
  readonly options: ListOptions
}

/** What fits, and how many of the others hold messages that could not be searched. */
interface Fitting {
  readonly listed: readonly SessionEntry[]
  readonly unsearched: number
}

async function fitting(entries: readonly SessionEntry[], wanted: Wanted): Promise<Fitting> {
  const { directory, filter, options } = wanted
  const { fits } = await import('../../audit/session-filter.ts')
  const { searchLog } = await import('../../audit/search-log.ts')
  const { fileNameOf } = await import('../../audit/session-number.ts')
  const found = entries.filter((entry) => fits(entry, filter))
  const { text } = options
  if (text === undefined) return { listed: found, unsearched: 0 }
  const outcomes = found.map(({ number }) => searchLog(join(directory, fileNameOf(number)), text))
  const listed = found.filter((_, index) => outcomes[index] === 'found')
  return { listed, unsearched: outcomes.filter((outcome) => outcome === 'not in what is recorded').length }
}

function refuseFilters({ all: _, json: __, pruned: ___, ...filters }: ListOptions): void {
  const [name] = Object.keys(filters)
  if (name === undefined) return
  const hint = 'a note says when it was pruned, and where it lay: look for the rest in the log there'
  throw wrong(`\`--${name}\` and \`--pruned\` do not go together`, hint)
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

function notSearched(sessions: number): string {
  const hold = sessions === 1 ? 'session holds' : 'sessions hold'
  return `${sessions} other ${hold} messages only by digest or in part: their texts cannot be searched`
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
  holds: ReadonlyMap<number, Hold>,
): object {
  const hold = holds.get(number) ?? null
  const known = { session, started, ended, state, server, subject, calls, asked, denied }
  return { ...known, held: hold !== null, hold }
}
