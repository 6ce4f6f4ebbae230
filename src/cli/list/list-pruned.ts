import { copyUrl, type PrunedNote } from '../../audit/pruned-note.ts'
import { prunedSessions } from '../../audit/sessions.ts'
import { EXIT_CODES } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { durationInWords } from '../duration.ts'
import { jsonLine } from '../json.ts'
import { sessionsDirectory } from '../sessions-directory.ts'
import { secondOf } from './session-table.ts'

/**
 * Prints the notes of the sessions whose logs were pruned, the oldest first. Where notes do not hold it says so, shows those
 * before them, and ends with the exit code of LOG_BROKEN. Throws UNREACHABLE.
 */
export function listPruned(json: boolean, context: Context): void {
  const { notes, problem } = prunedSessions(sessionsDirectory(context))
  const { stdout, stderr } = context
  if (json) stdout.write(jsonLine({ pruned: notes.map(forPrograms) }))
  else if (notes.length > 0) stdout.write(notes.map(inWords).join(''))
  else if (problem === null) stderr.write('hoopctl: no session was pruned here\n')
  if (problem === null) return
  const why = `${visible(problem)}: neither it nor what follows counts`
  stderr.write(`hoopctl: ${why}\n  hint: keep the file as it is, for whoever looks into it\n`)
  context.setExitCode(EXIT_CODES.LOG_BROKEN)
}

function forPrograms({ session, number, at, last, bytes, sha256, device, copies }: PrunedNote): object {
  return { session, number, at, last, bytes, sha256, device, copies }
}

function inWords({ number, session, at, last, copies }: PrunedNote): string {
  const age = durationInWords(Date.parse(at) - Date.parse(last))
  const places = copies.map((copy) => `lay at ${copyUrl(copy)} (${counted(copy.segments, 'segment')})`)
  if (places.length === 0) places.push('lay nowhere else: the policy of then named no destination')
  const title = `session ${number} (${session}), pruned ${secondOf(at)}, ${age} old`
  return `${[title, ...places.map((place) => `  ${visible(place)}`)].join('\n')}\n`
}
