import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensurePrivateDirectory } from '../../audit/private-files.ts'
import type { EvidenceFindings } from '../../audit/evidence/evidence-series.ts'
import { verifyEvidence } from '../../audit/evidence/verify-evidence.ts'
import type { KnownDevices } from '../../audit/verify-session.ts'
import { checkStoredToken } from '../../identity/stored-token.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { openPlace, placeUrl } from './open-place.ts'
import { betweenSessions, type VerificationRow } from './verification-row.ts'

/** Where evidence lies, and how to get at it. */
interface EvidenceAt {
  readonly url: string
  /** Where it was copied from: checkpoints name that place; null: it is the place itself. */
  readonly copyOf: string | null
  /** The policy in force: a place of one of its destinations is reached as it says; null: there is none. */
  readonly policy: Policy | null
  readonly known: KnownDevices
}

/**
 * Verifies what lies at a place: each session, and what is found between them. A row's file is gone once the next row is asked
 * for. Throws what `openDestination` and `verifyEvidence` throw.
 */
export async function* verifyAt(
  { url, copyOf, policy, known }: EvidenceAt,
  context: Context,
): AsyncGenerator<VerificationRow, void, undefined> {
  const opened = await openPlace(url, policy, context)
  const place = copyOf === null ? opened : { ...opened, url: placeUrl(copyOf) }
  const { cache } = context.directories()
  ensurePrivateDirectory(cache)
  const options = { known, checkToken: checkStoredToken, scratch: cache, now: context.now(), address }
  await using sessions = verifyEvidence(place, options) // it removes its file, also where nobody asks for the last row
  for (;;) {
    const next = await sessions.next()
    if (next.done === true) return yield* rowsOf(next.value, opened.url, context)
    const { prefix, verification, path } = next.value
    const name = prefix === '' ? opened.url : prefix
    yield { ...verification, name, path, confirmed: [], receipts: [], remote: [] }
  }
}

function* rowsOf({ problems, missing, confirmations }: EvidenceFindings, url: string, { stderr }: Context) {
  for (const problem of problems) yield betweenSessions(url, problem)
  for (const { device, first, last } of missing) {
    const which = first === last ? `session ${first} is` : `sessions ${first} to ${last} are`
    const why =
      'recorded under another policy, not sent yet, broken, or removed before a later one told of it'
    stderr.write(`hoopctl: of ${device} ${which} not among those that hold: ${why}\n`)
  }
  const { checked, elsewhere } = confirmations
  const here =
    checked === 0 ? '' : `; ${counted(checked, 'object')} of them should be here, and were looked for`
  const all = counted(checked + elsewhere, 'object')
  stderr.write(`hoopctl: their checkpoints vouch for ${all}${here}\n`)
  if (elsewhere === 0) return
  const hint = 'if this is a copy, say of what: --copy-of s3://BUCKET/PREFIX/'
  stderr.write(`hoopctl: ${elsewhere} lie at other places, and were NOT looked for\n  hint: ${hint}\n`)
}

/** Gives where an object lies, as one text: a directory can be written in more than one way. */
function address(url: string, name: string): string {
  try {
    return url.startsWith('file:') ? join(fileURLToPath(url), name) : `${url}${name}`
  } catch {
    return `${url}${name}` // a checkpoint says so, and it is nowhere
  }
}
