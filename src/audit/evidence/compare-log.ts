import { closeSync, fstatSync } from 'node:fs'
import { sha256 } from '../../digest.ts'
import type { ConfirmedObject } from '../../records.ts'
import { LONGEST_LINE_BYTES } from '../log-lines.ts'
import { openRegular } from '../open-regular.ts'
import { readAt } from '../read-at.ts'
import { segmentName } from '../upload/segment-key.ts'
import type { EvidencePlace } from './evidence-place.ts'

/** A session's log on this machine, and what its objects are below (`sessionPrefix`). */
export interface ComparedLog {
  readonly session: string
  readonly path: string
  readonly prefix: string
}

/** What a place holds of a log, as it was read now. */
export interface Comparison {
  readonly destination: string
  /** `whole`: all of it; `behind`: its beginning, or nothing; `differs`: one of the two is not what was recorded. */
  readonly state: 'whole' | 'behind' | 'differs'
  readonly objects: number
  /** How many lines of the log are there. */
  readonly lines: number
  /** What is wrong, where they differ. */
  readonly problem: string | null
}

/** A segment is cut after 4 MiB, with the line that takes it there. */
export const MOST_BYTES = LONGEST_LINE_BYTES + 8 * 1024 * 1024

/**
 * Reads what a place holds of a session, and compares it with the log here, byte by byte, and with what was confirmed before:
 * so a log that was cut or rewritten as a whole is found out, and so are objects that were. Throws UNREACHABLE, and what the
 * file system throws.
 * @param confirmed what checkpoints, or hoopctl's notes, say that places hold; of this log and of others
 */
export async function compareLog(
  log: ComparedLog,
  place: EvidencePlace,
  confirmed: readonly ConfirmedObject[],
): Promise<Comparison> {
  const claims = confirmed.filter(({ session, to }) => session === log.session && to === place.url)
  const fd = openRegular(log.path)
  try {
    return await compare(log, place, { fd, claims })
  } finally {
    closeSync(fd)
  }
}

interface Known {
  readonly fd: number
  readonly claims: readonly ConfirmedObject[]
}

async function compare({ prefix }: ComparedLog, place: EvidencePlace, known: Known): Promise<Comparison> {
  const { fd, claims } = known
  const seen = new Set<string>()
  let [line, start] = [0, 0]
  const found = (state: Comparison['state'], problem: string | null) => {
    return { destination: place.url, state, objects: seen.size, lines: line, problem }
  }
  for (;;) {
    const key = `${prefix}${segmentName(line)}`
    const held = await place.get(key, MOST_BYTES)
    if (held === null) break
    const there = held.bytes
    const from = start
    const here = (length: number) => readAt(fd, from, length)
    const problem = difference(
      { key, there, here, line },
      claims.filter((claim) => claim.key === key),
    )
    if (problem !== null) return found('differs', problem)
    seen.add(key)
    line += linesIn(there)
    start += there.length
  }
  const gone = claims.find(({ key }) => !seen.has(key))
  if (gone !== undefined) return found('differs', `\`${gone.key}\` ${lost(gone)}`)
  return found(start >= fstatSync(fd).size ? 'whole' : 'behind', null)
}

/** Says that an object which was confirmed does not lie there. */
export function lost({ at }: ConfirmedObject): string {
  return `was there on ${at}, and is not there any more, or not behind what should stand before it`
}

interface Compared {
  readonly key: string
  readonly there: Uint8Array
  /** Gives so many bytes of the log here, from where the object should begin; fewer where it ends. */
  readonly here: (length: number) => Uint8Array
  /** The number of its first line. */
  readonly line: number
}

function difference({ key, there, here, line }: Compared, claims: readonly ConfirmedObject[]): string | null {
  if (there.length === 0) return `\`${key}\` is empty`
  const [digest, beside] = [sha256(there), here(there.length)]
  const claimed = claims.find((claim) => claim.sha256 !== digest)
  if (digest === sha256(beside)) {
    if (claimed === undefined) return null
    return `\`${key}\` and the log here are the same, and neither is what was confirmed on ${claimed.at}: both were rewritten`
  }
  const at = firstDifference(there, beside)
  const from = line + linesBefore(there, at)
  const right = claims.find(({ bytes, sha256: confirmed }) => sha256(here(bytes)) === confirmed)
  if (right !== undefined)
    return `\`${key}\` was altered since it was confirmed on ${right.at}: it differs from the log here from record ${from} on`
  const agreed = claims.find((claim) => claim.sha256 === digest)
  const confirmed = agreed === undefined ? '' : ` (as it was confirmed on ${agreed.at})`
  if (at === beside.length)
    return `the log here was cut: \`${key}\`${confirmed} goes on, from record ${from} on, where the log here ends`
  const who = agreed === undefined ? 'one of the two was rewritten' : 'the log here was rewritten'
  return `the log here and \`${key}\`${confirmed} differ from record ${from} on: ${who}`
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length)
  let [low, high] = [0, length] // all before `low` is equal
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2)
    if (Buffer.compare(one.subarray(low, middle), other.subarray(low, middle)) === 0) low = middle
    else high = middle - 1
  }
  return low
}

/** Counts the lines of an object; half a last one counts. */
export function linesIn(bytes: Uint8Array): number {
  return linesBefore(bytes, bytes.length) + Number(bytes.at(-1) !== 0x0a)
}

function linesBefore(bytes: Uint8Array, end: number): number {
  let lines = 0
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) lines += 1
  return lines
}
