import type { Policy } from '../../policy/policy.ts'
import type { DestinationStanding } from '../../state/upload-standing.ts'
import type { Uploads } from '../../state/uploads.ts'
import { visible } from '../../visible.ts'
import { counted } from '../counted.ts'
import { clockTime } from '../grant-lines.ts'
import { type EvidenceLog, type EvidenceLogs, missingBytes } from './evidence-logs.ts'

/** What a destination was seen to hold of the sessions of a policy, as far as is known here. */
export interface UploadRow {
  readonly destination: string
  readonly sessions: number
  /** Those that it was not yet seen to hold whole: they run, or something is in the way. */
  readonly waiting: number
  /** How much of them. */
  readonly bytes: number
  /** Why they wait, as of the last look; null: nothing is in the way. */
  readonly problem: DestinationStanding['problem']
  /** May more be written to each of those that wait? */
  readonly isGoingOn: boolean
}

/** What is known here of logs and destinations. */
interface KnownHere {
  readonly logs: EvidenceLogs
  readonly ledger: Uploads
  readonly standings: readonly DestinationStanding[]
}

/** Tells of each destination of a policy what waits and why. Reads no network. */
export function uploadRows(
  policy: Policy,
  { logs: all, ledger, standings }: KnownHere,
): readonly UploadRow[] {
  const known = new Map(standings.map((each) => [each.destination, each]))
  return policy.uploads.map(({ url }) => {
    const { whole, logs } = all.waitingFor(url, ledger)
    const missing = (log: EvidenceLog) => missingBytes(log, ledger.position(url, log.session).start)
    const waiting = { waiting: logs.length, bytes: logs.reduce((sum, log) => sum + missing(log), 0) }
    const problem = logs.length === 0 ? null : (known.get(url)?.problem ?? null)
    const isGoingOn = logs.every(({ isOver }) => !isOver)
    return { destination: url, sessions: whole + logs.length, ...waiting, problem, isGoingOn }
  })
}

/** Says it as JSON does. */
export function uploadJson({ destination, sessions, waiting, bytes, problem }: UploadRow): object {
  const why = problem === null ? null : { ...problem, since: problem.since.toISOString() }
  return { destination, sessions, waiting, bytes, problem: why }
}

/** Says it in lines. */
export function uploadLines(rows: readonly UploadRow[]): string[] {
  return rows.flatMap((row) => {
    const { destination, sessions, waiting, bytes, problem } = row
    const about = `${visible(destination)}: ${counted(sessions, 'session')}`
    if (waiting === 0) return [`${about}, all are there`]
    const size = `${bytes.toLocaleString('en')} ${bytes === 1 ? 'byte' : 'bytes'}`
    const line = `${about}, ${waiting} not whole there yet (${size}): ${reason(row)}`
    return problem === null ? [line] : [line, `hint: ${visible(problem.hint)}`]
  })
}

function reason({ waiting, problem, isGoingOn }: UploadRow): string {
  if (problem === null && isGoingOn)
    return waiting === 1 ? 'it runs, or did a minute ago' : 'they run, or did a minute ago'
  if (problem === null) return 'not sent yet: hoopctl sessions upload'
  const since = `since ${clockTime(problem.since)}: ${visible(problem.message)}`
  return problem.code === 'UNREACHABLE' ? `not reached ${since}` : since
}
