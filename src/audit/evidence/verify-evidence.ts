import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { recordedHeader, recordedLog } from '../upload/recorded-log.ts'
import { sessionPrefix } from '../upload/segment-key.ts'
import type { TokenCheck } from '../verify-receipt.ts'
import { type KnownDevices, type Verification, type VerifiedFile, verifyFile } from '../verify-session.ts'
import { type EvidenceFindings, EvidenceSeries } from './evidence-series.ts'
import type { ListedPlace } from './evidence-place.ts'
import { putTogether, sessionsAt } from './put-together.ts'
import { makeScratch } from './scratch.ts'

/** A session as it lies at a place. */
export interface EvidenceSession {
  /** What its objects are below. */
  readonly prefix: string
  readonly verification: Verification
  /** Its log, put together; gone once the next session is asked for. */
  readonly path: string
}

/** What verifying a place takes. */
export interface EvidenceOptions {
  readonly known: KnownDevices
  readonly checkToken: TokenCheck
  /** A directory of this user alone, in which logs are put together. */
  readonly scratch: string
  readonly now: Date
  /** Where a place's objects lie, as one text: of a URL and a name. */
  readonly address: (url: string, name: string) => string
}

/**
 * Verifies all sessions that lie at a place, each as `verifyFile` does, and that it lies under its own name without a gap;
 * returns what is found between them. Throws UNREACHABLE where the place cannot be read, and UNKNOWN_SESSION where no session
 * lies there.
 */
export async function* verifyEvidence(
  place: ListedPlace,
  options: EvidenceOptions,
): AsyncGenerator<EvidenceSession, EvidenceFindings, undefined> {
  const series = new EvidenceSeries(place, options.address)
  const directory = makeScratch(options.scratch, options.now)
  const path = join(directory, 'session.jsonl')
  try {
    for await (const objects of sessionsAt(place)) {
      const { prefix } = objects
      const problem = await putTogether(place, objects, path, (name, digest) => series.object(name, digest))
      const file = verifyFile(path, options.known, options.checkToken)
      const misplaced = problem ?? underOtherName(place.url, prefix, path, options)
      const verified = misplaced === null ? file : brokenBy(misplaced, file)
      series.add(prefix, verified)
      yield { prefix, verification: verified.verification, path }
    }
    return await series.findings()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

// A log that was cut to its header does not say who was at work. No name is written like this one.
const ANYBODY = '*'
const PERSON = 2

// A log that was put under another day, server, person or session would be found by those who look for that.
function underOtherName(
  url: string,
  prefix: string,
  path: string,
  { address }: EvidenceOptions,
): string | null {
  const log = recordedLog(path) ?? recordedHeader(path)
  if (log === null) return null
  const named = sessionPrefix({ subject: null, ...log }).split('/')
  const own = 'subject' in log ? named : named.with(PERSON, ANYBODY)
  const found = address(url, prefix).split('/').slice(-own.length)
  if (own.every((part, index) => part === ANYBODY || part === found[index])) return null
  return `it lies under another name than its own, \`${own.join('/')}\``
}

function brokenBy(problem: string, { verification, header }: VerifiedFile): VerifiedFile {
  const broken = { ...verification, ok: false, state: 'broken', problem, note: null } as const
  return { verification: broken, header, confirmed: [] }
}
