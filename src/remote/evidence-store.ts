import { randomUUID } from 'node:crypto'
import { HoopctlError } from '../errors.ts'

/** A place where session logs are kept as evidence: what is there is never replaced and never removed by hoopctl. */
export interface EvidenceStore {
  /** Writes an object, where there is none of that name. Throws UNREACHABLE where nobody can say whether it is there now. */
  put(name: string, bytes: Uint8Array): Promise<'written' | 'there-already'>
  /** Reads an object; null where there is none. Throws UNREACHABLE, also where it is longer than `maxBytes`. */
  get(name: string, maxBytes: number): Promise<StoredEvidence | null>
  /** Names what is there below a prefix (empty: all), in the order of the names' bytes. Other files that lie there are left out. */
  list(prefix: string): AsyncIterable<string>
  /**
   * Tries, without keeping anything there, whether objects could be read and written now, in the way in which `put` writes
   * them; gives the name of an object that is there now all the same, where the place does not do as it should. Throws
   * UNREACHABLE, and what lets nobody in.
   */
  probe(): Promise<string | null>
}

/** What a place refuses of one object, and perhaps of no other. */
export class RefusedEvidence extends HoopctlError {
  constructor(message: string, hint: string) {
    super('UNREACHABLE', message, { hint })
  }
}

/** An object as a place keeps it. */
export interface StoredEvidence {
  readonly bytes: Uint8Array
  /** As the place tells it, with its quotes; null: it tells none. */
  readonly etag: string | null
  /** Of the object, where the place keeps versions. */
  readonly version: string | null
}

/** What is sent to try a place, and not to be kept. */
export const PROBE = Buffer.from('sent by hoopctl sessions upload --check, and not meant to be kept\n')

/** Names an object that is not there: no session lies below it. */
export function probeName(): string {
  return `_check/${randomUUID()}`
}

// What stands for others is written with `%`, and no part begins with a dot: nothing leads out of the place.
const PART = '(?:[A-Za-z0-9_-]|%[0-9A-F]{2})(?:[A-Za-z0-9._-]|%[0-9A-F]{2}){0,299}'
const NAME = new RegExp(`^${PART}(?:/${PART})*$`, 'u')

/** Tells whether a name is one that evidence can have. */
export function isEvidenceName(name: string): boolean {
  return NAME.test(name)
}

/** Throws INPUT_INVALID for a name that could lead out of the place. */
export function refuseOddEvidence(name: string): void {
  if (isEvidenceName(name)) return
  throw new HoopctlError('INPUT_INVALID', `${JSON.stringify(name)} is not the name of evidence`, {
    hint: 'names are letters, digits, `.`, `_` and `-`; all else is percent-encoded',
  })
}
