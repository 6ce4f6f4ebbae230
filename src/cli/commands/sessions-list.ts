import { Command } from 'commander'
import type { SessionSummary } from '../../audit/sessions.ts'
import { visible } from '../../visible.ts'
import { columns } from '../columns.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { sessionsDirectory } from '../sessions-directory.ts'

interface ListOptions {
  readonly all: boolean
  readonly json: boolean
}

const TITLES = ['NUMBER', 'SESSION', 'STARTED', 'STATE', 'SERVER', 'SUBJECT', 'CALLS', 'ASKED', 'DENIED']

// On a narrow terminal these go first; the number is as good a name for a session as its id.
const DISPENSABLE = ['SESSION', 'SUBJECT', 'ASKED', 'STATE', 'STARTED']

/** Declares `hoopctl sessions list`. */
export function sessionsListCommand(context: Context, run = sessionsList): Command {
  return new Command('list')
    .description(
      'List the recorded sessions, oldest first. CALLS counts what the client called, read or subscribed to, and whatever else it was refused but handshakes and lists; ASKED and DENIED are those of them that were asked about or denied. On a narrow terminal, columns are left out; --json has all.',
    )
    .option('--all', 'also those in which nothing was called, like the probes of some clients', false)
    .option('--json', 'print the list as JSON', false)
    .addHelpText('after', examples('hoopctl sessions list'))
    .action((options: ListOptions) => run(options, context))
}

/** Prints the sessions of this device. */
export async function sessionsList({ all, json }: ListOptions, context: Context): Promise<void> {
  const { listSessions } = await import('../../audit/sessions.ts')
  const sessions = listSessions(sessionsDirectory(context), { all })
  if (json) return void context.stdout.write(jsonLine({ sessions: sessions.map(withoutNumber) }))
  if (sessions.length === 0) {
    const more = all ? '' : '; --all shows also those in which nothing was called'
    return void context.stderr.write(`hoopctl: there are no sessions yet${more}\n`)
  }
  const room = { width: context.stdout.columns, dispensable: DISPENSABLE }
  context.stdout.write(columns([TITLES, ...sessions.map(row)], room))
}

// Programs name a session by its id; the number is there for people, who have to type it.
function withoutNumber({ number: _, ...summary }: SessionSummary): Omit<SessionSummary, 'number'> {
  return summary
}

function row(session: SessionSummary): readonly string[] {
  const { number, state, calls, asked, denied } = session
  const texts = [session.session, secondOf(session.started), state, session.server, session.subject]
  const shown = texts.map((text) => visible(text ?? '-'))
  return [String(number), ...shown, String(calls), String(asked), String(denied)]
}

function secondOf(time: string | null): string | null {
  return time === null ? null : time.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
}
