import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeScratch } from '../audit/evidence/scratch.ts'
import { ensurePrivateDirectory } from '../audit/private-files.ts'
import { numberOf, readRecords, textOf } from '../audit/log-record.ts'
import { findSession, type FoundSession } from '../audit/sessions.ts'
import { HoopctlError } from '../errors.ts'
import type { Context } from './context.ts'
import { sessionsDirectory } from './sessions-directory.ts'
import { findVerified } from './verify/local-logs.ts'

/** A log that was found, here or elsewhere. */
export interface FoundLog extends FoundSession {
  /** Is it one of this machine's own? */
  readonly isOwn: boolean
}

/**
 * Works with the log of a session of this machine, by its id or number; of a file; or of a session as it was uploaded, in a
 * directory or at a URL, which is put together for as long as the work takes. Throws UNKNOWN_SESSION where there is none, or
 * more than one, and UNREACHABLE.
 */
export async function withLog<T>(
  wanted: string,
  context: Context,
  work: (found: FoundLog) => Promise<T>,
): Promise<T> {
  const sessions = sessionsDirectory(context)
  if (/^\w*$/u.test(wanted)) return work({ ...findSession(sessions, wanted), isOwn: true })
  const [found, other] = await findVerified(wanted, sessions, context)
  if (found === undefined || other !== undefined) throw severalIn(wanted)
  if ('path' in found) {
    if (found.kind === 'directory') throw severalIn(wanted)
    return work(outside(found.path))
  }
  const { cache } = context.directories()
  ensurePrivateDirectory(cache)
  const directory = makeScratch(cache, context.now())
  try {
    const path = join(directory, 'session.jsonl')
    await fetchLog({ wanted, url: found.url }, path, context)
    return await work(outside(path))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function outside(path: string): FoundLog {
  const [header] = existsSync(path) ? readRecords(path, 'without') : []
  const known = header ?? {}
  return { session: textOf(known, 'session'), number: numberOf(known, 'number') ?? 0, path, isOwn: false }
}

async function fetchLog(
  { wanted, url }: { readonly wanted: string; readonly url: string },
  path: string,
  context: Context,
): Promise<void> {
  const { openPlace, policyIfAny } = await import('./verify/open-place.ts')
  const { putTogether, sessionsAt } = await import('../audit/evidence/put-together.ts')
  const place = await openPlace(url, await policyIfAny(undefined, context), context)
  const all = []
  for await (const objects of sessionsAt(place)) if (all.push(objects) === 2) break
  const [only, second] = all
  if (only === undefined || second !== undefined) throw severalIn(wanted)
  const problem = await putTogether(place, only, path)
  if (problem !== null) context.stderr.write(`hoopctl: it is not all of the session: ${problem}\n`)
}

function severalIn(wanted: string): HoopctlError {
  const hint = 'name one of them; `hoopctl sessions verify` of it says what they are called'
  return new HoopctlError('UNKNOWN_SESSION', `there is more than one session in \`${wanted}\``, { hint })
}
