import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PrunedNote } from '../../audit/pruned-note.ts'
import type { KnownDevices } from '../../audit/verify-session.ts'
import { HoopctlError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { betweenSessions, type VerificationRow } from './verification-row.ts'

/** What was named to be verified. */
export type Verified =
  | { readonly kind: 'log' | 'directory'; readonly path: string }
  /** A place that evidence was sent to, or something below it. */
  | { readonly kind: 'evidence'; readonly url: string }

/**
 * Finds what was named: a session of this machine, a log, a directory of one kind or the other, a URL. A directory of both
 * kinds is both: whoever may add names to one kind could hide it behind the other.
 */
export async function findVerified(
  named: string,
  sessions: string,
  context: Context,
): Promise<readonly Verified[]> {
  const { findSession } = await import('../../audit/sessions.ts')
  if (/^[a-z][a-z0-9]*:\/\//u.test(named)) return [{ kind: 'evidence', url: named }]
  // Ids and numbers have no dots or slashes.
  if (/^\w+$/.test(named)) return [{ kind: 'log', path: findSession(sessions, named).path }]
  const path = resolve(context.workingDirectory, named)
  if (!existsSync(path)) {
    const hint = 'name a session’s id, a log file, a directory, or where evidence was sent (s3://…)'
    throw new HoopctlError('UNKNOWN_SESSION', `there is no file \`${named}\``, { hint })
  }
  if (!statSync(path).isDirectory()) return [{ kind: 'log', path }]
  const { numbersIn, readNoted } = await import('../../audit/session-number.ts')
  const isSeries = path === sessions || numbersIn(path).length > 0 || readNoted(path) !== null
  const evidence = { kind: 'evidence', url: pathToFileURL(path).href } as const
  if (!isSeries) return [evidence]
  const { holdsSessions } = await import('../../audit/evidence/put-together.ts')
  const { evidenceDirectory } = await import('../../remote/evidence-directory.ts')
  const isBoth = await holdsSessions(evidenceDirectory(path).list(''))
  return [{ kind: 'directory', path }, ...(isBoth ? [evidence] : [])]
}

/** A session of this machine whose log was pruned. */
export interface Pruned {
  readonly kind: 'pruned'
  readonly note: PrunedNote
}

/** Finds what was named, as `findVerified` does, and sessions whose logs were pruned. */
export async function findAlsoPruned(
  named: string,
  sessions: string,
  context: Context,
): Promise<readonly (Verified | Pruned)[]> {
  try {
    return await findVerified(named, sessions, context)
  } catch (failure) {
    const { PrunedSession } = await import('../../audit/sessions.ts')
    if (failure instanceof PrunedSession) return [{ kind: 'pruned', note: failure.pruned }]
    throw failure
  }
}

/** What was found of logs on this machine. */
interface LocalLogs {
  readonly rows: readonly VerificationRow[]
  /** Sessions of which a note holds that their logs were pruned. */
  readonly pruned: readonly PrunedNote[]
}

/** Verifies a log, or all logs of a directory and that they are one series. */
export async function verifyLocal(
  { kind, path }: Extract<Verified, { readonly path: string }>,
  known: KnownDevices,
): Promise<LocalLogs> {
  const { checkStoredToken } = await import('../../identity/stored-token.ts')
  const more = { receipts: [], remote: [] }
  if (kind === 'log') {
    const { verifyFile } = await import('../../audit/verify-session.ts')
    const { followedBy } = await import('../../audit/follower.ts')
    const { verification, confirmed } = followedBy(path, verifyFile(path, known, checkStoredToken))
    const row = { ...verification, name: verification.session ?? path, path, confirmed, ...more }
    return { rows: [row], pruned: [] }
  }
  const { fileNameOf } = await import('../../audit/session-number.ts')
  const { verifyDirectory } = await import('../../audit/verify-directory.ts')
  const { sessions, pruned, problems } = verifyDirectory(path, known, checkStoredToken)
  const each = sessions.map(({ number, ...verification }) => {
    const name = `${verification.session ?? path}, number ${number}`
    return { ...verification, name, path: join(path, fileNameOf(number)), ...more }
  })
  const rows = [...each, ...problems.map((problem) => betweenSessions(path, problem))]
  return { rows, pruned }
}
