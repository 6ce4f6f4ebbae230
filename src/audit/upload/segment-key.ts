import { sha256 } from '../../digest.ts'

/** What of a session is in the names of its segments, so that a bucket can be searched by prefix. */
export interface Named {
  readonly session: string
  /** When it began, as its header says. */
  readonly started: string
  /** Its name in the policy; null: a wrapped command. */
  readonly server: string | null
  /** Email, else `sub`; null: nobody was signed in. */
  readonly subject: string | null
}

const LONGEST_PART = 200
const DIGITS = 10

/** Names what the segments of a session are below: `DATE/SERVER/SUBJECT/SESSION/`, each part percent-encoded. */
export function sessionPrefix({ session, started, server, subject }: Named): string {
  const parts = [started.slice(0, 10), server ?? '_command', subject ?? '_nobody', session]
  return `${parts.map(encoded).join('/')}/`
}

/** Names a segment: the number of its first line, so that names sort as lines do. */
export function segmentName(line: number): string {
  return `${String(line).padStart(DIGITS, '0')}.jsonl`
}

// No disk, URL or bucket reads it in another way: no `/`, no dot at the beginning, nothing but ASCII. A name that is too
// long for a disk is told from others by its digest.
function encoded(text: string): string {
  const whole = Array.from(Buffer.from(text), (byte) =>
    isPlain(byte) ? String.fromCharCode(byte) : hex(byte),
  ).join('')
  const safe = whole.replace(/^\./u, '%2E')
  if (safe === '') return '_'
  return safe.length <= LONGEST_PART
    ? safe
    : `${safe.slice(0, LONGEST_PART / 2).replace(/%.?$/u, '')}-${sha256(text)}`
}

function isPlain(byte: number): boolean {
  return /[A-Za-z0-9._-]/u.test(String.fromCharCode(byte)) && byte < 128
}

function hex(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}
