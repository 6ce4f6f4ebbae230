import { userInfo } from 'node:os'
import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { sessionsDirectory } from '../sessions-directory.ts'

interface HoldOptions {
  readonly session: string
  readonly reason?: string
  readonly release: boolean
  readonly json: boolean
}

const LONGEST_REASON = 1000

/** Declares `hoopctl sessions hold`. */
export function sessionsHoldCommand(context: Context, run = sessionsHold): Command {
  return new Command('hold')
    .description(
      'Hold a session: `sessions prune` keeps its log, however old it is, until you release it. Of one that is held already, the reason is added to those that are there. It does not keep anybody from removing the file.',
    )
    .argument('<ID>', 'a session’s id, the beginning of it, or its number')
    .option('--reason <TEXT>', 'why; whoever lists or prunes sessions reads it')
    .option('--release', 'end the hold', false)
    .option('--json', 'print what holds it as JSON', false)
    .addHelpText(
      'after',
      examples('hoopctl sessions hold 17 --reason INC-2211', 'hoopctl sessions hold 17 --release'),
    )
    .action((session: string, options: Omit<HoldOptions, 'session'>) => run({ session, ...options }, context))
}

const DONE = {
  held: '',
  added: 'it was held already, and this reason is added: ',
  known: 'it was held already, and nothing is added: ',
  released: '',
} as const

/** Holds a session, or releases it. Throws USAGE, UNKNOWN_SESSION and STATE_UNWRITABLE. */
export async function sessionsHold(options: HoldOptions, context: Context): Promise<void> {
  const { reason = null, release, json } = options
  checkReason(reason, release)
  const { findSession } = await import('../../audit/sessions.ts')
  const { holdOf, holdSession, releaseSession } = await import('../../audit/session-hold.ts')
  const { heldInWords } = await import('../prune/held-in-words.ts')
  const { holdLock } = await import('../prune/hold-lock.ts')
  const directory = sessionsDirectory(context)
  const { held, number, session, done } = await holdLock(context.directories().state, () => {
    const found = findSession(directory, options.session) // in here: it may be pruned meanwhile
    if (release) releaseSession(directory, found.number)
    const wanted = { since: context.now().toISOString(), osUser: userInfo().username, reason }
    const done = release ? 'released' : holdSession(directory, found.number, wanted)
    return { ...found, done, held: holdOf(directory, found.number) } as const
  })
  if (json) return void context.stdout.write(jsonLine({ session, number, held }))
  const words = held === null ? 'it is not held' : heldInWords(held)
  context.stdout.write(`session ${number}: ${DONE[done]}${visible(words)}\n`)
}

function checkReason(reason: string | null, release: boolean): void {
  if (reason === null) return
  if (release) {
    const hint = 'leave out `--reason`: what is released keeps no note'
    throw new HoopctlError('USAGE', '`--reason` and `--release` do not go together', { hint })
  }
  if (reason.trim() !== '' && reason.length <= LONGEST_REASON) return
  const message = `\`--reason\` is ${reason.trim() === '' ? 'empty' : `longer than ${LONGEST_REASON} characters`}`
  throw new HoopctlError('USAGE', message, { hint: 'say in a few words why it is held' })
}
