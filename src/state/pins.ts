import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sha256 } from '../digest.ts'
import { HoopctlError } from '../errors.ts'
import type { Pins } from '../pins.ts'

/** A definition as it was pinned, and the differing one that was seen last, if any. */
export interface Pinned {
  /** The server's name in the policy, else its command. */
  readonly server: string
  /** `tool:NAME` or `instructions`. */
  readonly name: string
  readonly pinned: string
  readonly seen: string | null
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS pins (
    identity TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL,
    digest TEXT NOT NULL, definition TEXT NOT NULL, seen TEXT, PRIMARY KEY (identity, name)
  ) STRICT`

const BUSY_MS = 3000

/** The pins of all servers, in the database that hoopctl's processes share (docs/design.md, "State that processes share"). */
export class PinStore {
  readonly #database: DatabaseSync

  /** Opens the database in the state directory, making both on first use. Throws where that cannot be done. */
  constructor(stateDirectory: string) {
    mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
    const path = join(stateDirectory, 'state.db')
    closeSync(openSync(path, 'a', 0o600)) // SQLite would make it as the umask says
    this.#database = new DatabaseSync(path)
    // A pin that a power cut takes is made anew on the next sight, so nothing waits for the disk.
    this.#database.exec(
      `PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; ${SCHEMA}`,
    )
  }

  /**
   * Compares with the pin of one server's definition, and pins on first sight.
   * @param identity what makes it the same server: its name in the policy, its command and arguments
   */
  check(identity: string, server: string, name: string, definition: string): 'same' | 'changed' {
    const digest = sha256(definition)
    const insert =
      'INSERT INTO pins (identity, server, name, digest, definition) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
    const row = this.#database
      .prepare('SELECT digest, seen FROM pins WHERE identity = ? AND name = ?')
      .get(identity, name)
    if (row === undefined) {
      this.#database.prepare(insert).run(identity, server, name, digest, definition)
      // Another process may have pinned it meanwhile, to something else.
      const pinned = this.#database
        .prepare('SELECT digest FROM pins WHERE identity = ? AND name = ?')
        .get(identity, name)
      return pinned?.['digest'] === digest ? 'same' : 'changed'
    }
    if (row['digest'] === digest) return 'same'
    const note = this.#database.prepare('UPDATE pins SET seen = ? WHERE identity = ? AND name = ?')
    if (row['seen'] !== definition) note.run(definition, identity, name)
    return 'changed'
  }

  /** Lists what is pinned, sorted by server and name. */
  list(): Pinned[] {
    const rows = this.#database
      .prepare('SELECT server, name, definition, seen FROM pins ORDER BY server, name')
      .all()
    return rows.map((row) => ({
      server: String(row['server']),
      name: String(row['name']),
      pinned: String(row['definition']),
      seen: row['seen'] === null ? null : String(row['seen']),
    }))
  }

  /** Accepts the changed definitions of a server, or one of them; returns the names that were accepted. */
  accept(server: string, name: string | null): string[] {
    const changed = this.list().filter(
      (pin) => pin.server === server && pin.seen !== null && (name ?? pin.name) === pin.name,
    )
    const update =
      'UPDATE pins SET definition = seen, digest = ?, seen = NULL WHERE server = ? AND name = ? AND seen = ?'
    for (const pin of changed) {
      this.#database.prepare(update).run(sha256(pin.seen ?? ''), server, pin.name, pin.seen)
    }
    return changed.map((pin) => pin.name)
  }

  close(): void {
    this.#database.close()
  }
}

/** Opens the pins. Throws STATE_UNWRITABLE where the database cannot be read or made. */
export function openPinStore(stateDirectory: string): PinStore {
  try {
    return new PinStore(stateDirectory)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const hint =
      'see to it that you may write there; if the file is damaged, move it away: what it held is pinned anew'
    throw new HoopctlError(
      'STATE_UNWRITABLE',
      `cannot open \`${join(stateDirectory, 'state.db')}\`: ${why}`,
      { hint, cause },
    )
  }
}

/** The pins of one server, opened when the first definition comes: many sessions never see one. */
export function pinsOf(stateDirectory: string, identity: string, server: string): Pins & { close(): void } {
  let store: PinStore | null = null
  return {
    check: (name, definition) => {
      store ??= openPinStore(stateDirectory)
      return store.check(identity, server, name, definition)
    },
    close: () => store?.close(),
  }
}
