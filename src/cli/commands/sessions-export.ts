import { Command, Option } from 'commander'
import { unreadable } from '../../audit/disk-failure.ts'
import type { ExportItem, LogEnd } from '../../audit/export/exported-call.ts'
import { EXIT_CODES } from '../../errors.ts'
import { quoted } from '../../quoted.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { examples } from '../examples.ts'
import { outputPath } from '../output-path.ts'
import { inPieces, printPieces } from '../print-pieces.ts'
import { replaceInPieces } from '../replace-whole.ts'

const FORMATS = ['jsonl', 'csv', 'ocsf', 'html'] as const
type Format = (typeof FORMATS)[number]

interface ExportOptions {
  readonly session: string
  readonly format: Format
  readonly out?: string
}

/** Declares `hoopctl sessions export`. */
export function sessionsExportCommand(context: Context, run = sessionsExport): Command {
  return new Command('export')
    .description(
      'Write the exchanges of a session for other programs, or as a page for people. It says what the log says; `verify` says whether to believe it.',
    )
    .argument(
      '<ID|PATH|URL>',
      'a session’s id, the beginning of it, or its number; a log; or where one was sent',
    )
    .addOption(
      new Option(
        '--format <FORMAT>',
        'JSON Lines, CSV, OCSF events (API Activity), or one HTML page that works offline',
      )
        .choices(FORMATS)
        .default('jsonl'),
    )
    .option('--out <FILE>', 'write a file, for this user only, in place of what it holds; absent: stdout')
    .addHelpText(
      'after',
      examples(
        'hoopctl sessions export 17',
        'hoopctl sessions export 17 --format html --out session-17.html',
      ),
    )
    .action((session: string, options: Omit<ExportOptions, 'session'>) =>
      run({ session, ...options }, context),
    )
}

/** Writes a session's exchanges. Where lines of the log are no records it ends with the exit code of LOG_BROKEN. */
export async function sessionsExport(
  { session, format, out }: ExportOptions,
  context: Context,
): Promise<void> {
  const { withLog } = await import('../find-log.ts')
  await withLog(session, context, ({ path }) => write({ path, session, format, out }, context))
}

async function write({ path, session, format, out }: Exported, context: Context): Promise<void> {
  const file = out === undefined ? null : outputPath(out, context)
  const written = await writerOf(format)
  let left = { unreadable: 0, unmatched: 0 }
  const items = watched(await itemsOf(path), (end) => {
    left = end
  })
  const pieces = inPieces(orUnreadable(written(items), path), context.now)
  if (file === null) await printPieces(pieces, context)
  else replaceInPieces(file, pieces, 0o600)
  if (left.unreadable > 0) context.setExitCode(EXIT_CODES.LOG_BROKEN)
  const count = left.unreadable + left.unmatched
  if (count === 0) return
  const what = `left out what is no record, or fits no exchange: ${counted(count, 'line')} of the log`
  context.stderr.write(`hoopctl: ${what}\n  hint: run: hoopctl sessions verify ${visible(quoted(session))}\n`)
}

interface Exported {
  readonly path: string
  /** As it was typed. */
  readonly session: string
  readonly format: Format
  readonly out: string | undefined
}

type Writer = (items: Iterable<ExportItem>) => Iterable<string>

async function writerOf(format: Format): Promise<Writer> {
  switch (format) {
    case 'jsonl':
      return (await import('../../audit/export/jsonl.ts')).jsonLines
    case 'csv':
      return (await import('../../audit/export/csv.ts')).csvLines
    case 'ocsf':
      return (await import('../../audit/export/ocsf.ts')).ocsfEvents
    case 'html':
      return (await import('../../audit/export/html.ts')).htmlPage
  }
}

async function itemsOf(path: string): Promise<Iterable<ExportItem>> {
  const { readTexts } = await import('../../audit/log-record.ts')
  const { exportItems } = await import('../../audit/export/export-items.ts')
  return exportItems(readTexts(path))
}

// Looks at what passes, for what is to be said at the end.
function* watched(items: Iterable<ExportItem>, onEnd: (end: LogEnd) => void): Generator<ExportItem> {
  for (const item of items) {
    if (item.item === 'end') onEnd(item.end)
    yield item
  }
}

function* orUnreadable(texts: Iterable<string>, path: string): Generator<string, void, undefined> {
  try {
    yield* texts
  } catch (cause) {
    throw unreadable(path, cause)
  }
}
