import { readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { stateUnwritable } from '../../audit/disk-failure.ts'
import { ensurePrivateDirectory } from '../../audit/private-files.ts'
import { HoopctlError } from '../../errors.ts'
import { codeOf } from '../../system-code.ts'
import { MAX_SIGNED_POLICY_BYTES } from '../../policy/signed-policy.ts'
import { MAX_TRUST_BYTES } from '../../policy/trust-document.ts'
import { replaceWhole } from '../replace-whole.ts'
import { readIfThere } from '../small-file.ts'

/** When the source last answered, and what it had then. */
export interface Contact {
  readonly at: Date
  readonly etag: string | null
  /** SHA-256 of the file that the etag is of: for another one the source must not say "unchanged". */
  readonly file: string | null
}

/** What is kept of a source: bytes that somebody may have put there, and nothing that says that they were verified. */
export interface CachedFiles {
  /** Trust documents in the order of their numbers. */
  readonly documents: readonly Uint8Array[]
  /** The signed policy; and before it, where a process was killed while it took one up, the one that it had. */
  readonly policies: readonly Uint8Array[]
  readonly contact: Contact | null
}

const MAX_DOCUMENTS = 1000
const POLICY = 'policy.jws'
const NEXT = 'policy.next.jws'
const CONTACT = 'contact.json'

/** The copies of one source, as files in a directory of ours. Each is replaced in one step. */
export class PolicyCache {
  readonly #directory: string
  readonly #trust: string

  constructor(directory: string) {
    this.#directory = directory
    this.#trust = join(directory, 'trust')
  }

  /** Reads everything. What is not there or cannot be read is missing, and is fetched again. */
  read(): CachedFiles {
    const documents = this.#numbers().map((number) =>
      this.#read(join('trust', `${number}.jws`), MAX_TRUST_BYTES),
    )
    const policies = [POLICY, NEXT].map((name) => this.#read(name, MAX_SIGNED_POLICY_BYTES))
    const isThere = (bytes: Uint8Array | null) => bytes !== null
    return {
      documents: documents.filter(isThere),
      policies: policies.filter(isThere),
      contact: contactOf(this.#read(CONTACT, 64 * 1024)),
    }
  }

  /** Tells something that differs once another process has changed a file. */
  stamp(): string {
    return [POLICY, NEXT, CONTACT, 'trust'].map((name) => stampOf(join(this.#directory, name))).join(' ')
  }

  /** Keeps a trust document that was verified. Throws STATE_UNWRITABLE, as those below do. */
  keepTrust(number: number, bytes: Uint8Array): void {
    ensurePrivateDirectory(this.#trust)
    replaceWhole(join(this.#trust, `${number}.jws`), bytes, 0o600)
  }

  /** Puts a verified policy beside the one that is there: a process that is killed now leaves both. */
  stage(bytes: Uint8Array): void {
    ensurePrivateDirectory(this.#directory)
    replaceWhole(join(this.#directory, NEXT), bytes, 0o600)
  }

  /** Puts the policy that was staged in the place of the one that was there. */
  promote(): void {
    const path = join(this.#directory, POLICY)
    try {
      renameSync(join(this.#directory, NEXT), path)
    } catch (cause) {
      throw stateUnwritable(path, cause)
    }
  }

  /** Notes that the source answered. */
  noteContact({ at, etag, file }: Contact): void {
    ensurePrivateDirectory(this.#directory)
    const text = `${JSON.stringify({ at: at.toISOString(), etag, file })}\n`
    replaceWhole(join(this.#directory, CONTACT), text, 0o600)
  }

  #numbers(): number[] {
    return namesIn(this.#trust)
      .flatMap((name) => /^([1-9]\d{0,9})\.jws$/u.exec(name)?.slice(1).map(Number) ?? [])
      .sort((a, b) => a - b)
      .slice(0, MAX_DOCUMENTS)
  }

  #read(name: string, maxBytes: number): Uint8Array | null {
    const path = join(this.#directory, name)
    try {
      return readIfThere(path, path, maxBytes)?.bytes ?? null
    } catch (failure) {
      if (failure instanceof HoopctlError) return null
      throw failure
    }
  }
}

function stampOf(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats === undefined ? '-' : `${stats.ino}:${stats.mtimeMs}`
  } catch (failure) {
    return codeOf(failure) // somebody else's link or mode: to be noticed, and told by whoever reads it
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (cause) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(codeOf(cause))) return []
    throw stateUnwritable(folder, cause)
  }
}

function contactOf(bytes: Uint8Array | null): Contact | null {
  if (bytes === null) return null
  try {
    const read: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof read !== 'object' || read === null) return null
    const [at, etag, file] = ['at', 'etag', 'file'].map((key) => textOf(Reflect.get(read, key)))
    const date = new Date(at ?? '')
    return Number.isNaN(date.getTime()) ? null : { at: date, etag: etag ?? null, file: file ?? null }
  } catch {
    return null // as if the source had never answered
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
