import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../../digest.ts'
import { HoopctlError } from '../../errors.ts'
import { recordedLog } from '../upload/recorded-log.ts'
import { sessionPrefix } from '../upload/segment-key.ts'
import type { TokenCheck } from '../verify-receipt.ts'
import { type KnownDevices, type Verification, type VerifiedFile, verifyFile } from '../verify-session.ts'
import { linesIn, MOST_BYTES } from './compare-log.ts'
import { type EvidenceFindings, EvidenceSeries } from './evidence-series.ts'
import type { ListedPlace } from './evidence-place.ts'

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
  /** Where a place's objects lie, as one text: of a URL and a name. */
  readonly address: (url: string, name: string) => string
}

const SEGMENT = /^(?:.*\/)?(\d{10,15})\.jsonl$/u

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
  const directory = mkdtempSync(join(options.scratch, 'evidence-'))
  const path = join(directory, 'session.jsonl')
  try {
    for await (const { prefix, names } of bySession(place)) {
      const problem = await putTogether(place, { prefix, names, path }, series)
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

/** Tells whether some of these names is that of a part of a session. */
export async function holdsSessions(names: AsyncIterable<string>): Promise<boolean> {
  for await (const name of names) if (SEGMENT.test(name)) return true
  return false
}

interface Group {
  readonly prefix: string
  readonly names: readonly string[]
}

async function* bySession(place: ListedPlace): AsyncGenerator<Group, void, undefined> {
  let [prefix, names] = ['', [] as string[]]
  for await (const name of place.list('')) {
    if (!SEGMENT.test(name)) continue
    const below = name.slice(0, name.lastIndexOf('/') + 1)
    if (names.length > 0 && below !== prefix) {
      yield { prefix, names }
      names = []
    }
    prefix = below
    names.push(name)
  }
  if (names.length > 0) {
    yield { prefix, names }
    return
  }
  const hint = 'name a destination, or what is below it: a day, a server, a person, a session'
  throw new HoopctlError('UNKNOWN_SESSION', `no session lies below \`${place.url}\``, { hint })
}

async function putTogether(
  place: ListedPlace,
  { prefix, names, path }: Group & { readonly path: string },
  series: EvidenceSeries,
): Promise<string | null> {
  const fd = openSync(path, 'w', 0o600)
  let [line, problem] = [0, null as string | null]
  let isCut = false
  try {
    for (const name of names) {
      const held = await place.get(name, MOST_BYTES)
      if (held === null) continue // it was there a moment ago: the next one tells that it is missing
      const first = Number(SEGMENT.exec(name)?.[1])
      if (first !== line)
        problem ??= `an object is missing, or was renamed: after ${line} lines comes \`${name.slice(prefix.length)}\``
      if (held.bytes.length === 0) problem ??= `the object \`${name.slice(prefix.length)}\` is empty`
      if (isCut) problem ??= `\`${name.slice(prefix.length)}\` stands behind half a line`
      isCut = held.bytes.at(-1) !== 0x0a
      line += linesIn(held.bytes)
      series.object(name, sha256(held.bytes))
      for (let at = 0; at < held.bytes.length; ) at += writeSync(fd, held.bytes, at)
    }
  } finally {
    closeSync(fd)
  }
  return problem
}

// A log that was put under another day, server, person or session would be found by those who look for that.
function underOtherName(
  url: string,
  prefix: string,
  path: string,
  { address }: EvidenceOptions,
): string | null {
  const log = recordedLog(path)
  if (log === null || address(url, prefix).endsWith(`/${sessionPrefix(log)}`)) return null
  return `it lies under another name than its own, \`${sessionPrefix(log)}\``
}

function brokenBy(problem: string, { verification, header }: VerifiedFile): VerifiedFile {
  const broken = { ...verification, ok: false, state: 'broken', problem, note: null } as const
  return { verification: broken, header, confirmed: [] }
}
