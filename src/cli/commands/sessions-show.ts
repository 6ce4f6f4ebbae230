import { setFlagsFromString } from 'node:v8'
import { Command } from 'commander'
import { unreadable } from '../../audit/disk-failure.ts'
import type { Hold } from '../../audit/session-hold.ts'
import type { FoundSession } from '../../audit/sessions.ts'
import type { FoundLog } from '../find-log.ts'
import { HoopctlError } from '../../errors.ts'
import { harmless } from '../../harmless-json.ts'
import { parsed } from '../../parsed.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { paintedLine, painter } from '../paint.ts'
import { inPieces, printPieces } from '../print-pieces.ts'
import { sessionsDirectory } from '../sessions-directory.ts'

interface ShowOptions {
  readonly session: string
  readonly follow: boolean
  readonly json: boolean
}

/** Declares `hoopctl sessions show`. */
export function sessionsShowCommand(context: Context, run = sessionsShow): Command {
  return new Command('show')
    .description(
      'Show what happened in a session, with the number of each record, as `verify` names them. It shows what the log says; `verify` says whether to believe it.',
    )
    .argument(
      '<ID|PATH|URL>',
      'a session’s id, the beginning of it, or its number; a log; or where one was sent',
    )
    .option('--follow', 'go on while the session runs, until it ends or you press Ctrl-C', false)
    .option('--json', 'print the records as JSON, as they stand in the log', false)
    .addHelpText('after', examples('hoopctl sessions show 17', 'hoopctl sessions show --follow 17'))
    .action((session: string, options: Omit<ShowOptions, 'session'>) => run({ session, ...options }, context))
}

/** Prints a session's timeline, live if so wanted, or its records. */
export async function sessionsShow({ session, follow, json }: ShowOptions, context: Context): Promise<void> {
  if (follow && json) {
    const hint = 'leave out one: `--json` prints what is recorded by now'
    throw new HoopctlError('USAGE', '`--follow` and `--json` do not go together', { hint })
  }
  const { withLog } = await import('../find-log.ts')
  await withLog(session, context, (found) => print(found, { follow, json }, context))
}

async function print(
  found: FoundLog,
  { follow, json }: Omit<ShowOptions, 'session'>,
  context: Context,
): Promise<void> {
  const { holdOf } = await import('../../audit/session-hold.ts')
  const held = found.isOwn ? holdOf(sessionsDirectory(context), found.number) : null
  if (held !== null && !json) await tellHold(held, context)
  try {
    if (follow) return await (await import('../follow-session.ts')).followSession(found, context)
    // The young generation stays small (start-wrap.ts): measured, of a session of 1 GB 225 MB in all and now a third of it.
    setFlagsFromString('--semi-space-growth-factor=1')
    const texts = await (json ? recordTexts(found, held) : timelineTexts(found, context))
    await printPieces(inPieces(texts, context.now), context)
  } catch (cause) {
    throw unreadable(found.path, cause)
  }
}

async function tellHold(held: Hold, { stdout }: Context): Promise<void> {
  const { heldInWords } = await import('../prune/held-in-words.ts')
  stdout.write(`${visible(heldInWords(held))}\n`)
}

async function timelineTexts({ path }: FoundSession, context: Context): Promise<Iterable<string>> {
  const { readOutlines } = await import('../../audit/outlined-records.ts')
  const { timeline } = await import('../../audit/timeline.ts')
  const paint = painter(context)
  return (function* () {
    for (const line of timeline(readOutlines(path))) yield paintedLine(line, paint)
  })()
}

// The lines themselves, not what JSON.parse makes of them: numbers in messages keep all their digits. A line that is no
// JSON stands as null; half a last line is left out.
async function recordTexts({ path, session }: FoundSession, held: Hold | null): Promise<Iterable<string>> {
  const { readLines } = await import('../../audit/log-lines.ts')
  const { isPlainJson } = await import('../../audit/plain-json.ts')
  const isJson = (bytes: Uint8Array) =>
    isPlainJson(bytes) || parsed(Buffer.from(bytes).toString('utf8')) !== undefined
  return (function* () {
    const hold = held === null ? '' : `"held":${harmless(JSON.stringify(held))},`
    yield `{"session":${JSON.stringify(session)},${hold}"records":[`
    let separator = ''
    for (const { bytes, end } of readLines(path)) {
      if (end === 'cut') continue
      yield separator
      if (end === 'whole' && isJson(bytes)) yield* decoded(bytes)
      else yield 'null'
      separator = ','
    }
    yield ']}\n'
  })()
}

const DECODED_BYTES = 64 * 1024

// In parts: of a message of many megabytes there is one copy at a time, its bytes.
function* decoded(bytes: Uint8Array): Generator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for (let start = 0; start < bytes.length; start += DECODED_BYTES) {
    yield harmless(decoder.decode(bytes.subarray(start, start + DECODED_BYTES), { stream: true }))
  }
  yield harmless(decoder.decode())
}
