import { sha256 } from '../digest.ts'
import type { Pins } from '../pins.ts'
import { Database } from './database.ts'

/** A definition as it was pinned, and the differing one that was seen last, if any. */
export interface Pinned {
  /** The server's name in the policy, else its command. */
  readonly server: string
  /** `tool:NAME` or `instructions`. */
  readonly name: string
  readonly pinned: string
  readonly seen: string | null
}

/** The pins of all servers, in the database that hoopctl's processes share (docs/design.md, "State that processes share"). */
export class PinStore {
  readonly #database: Database

  /** Opens the database in the state directory, making both on first use. Throws STATE_UNWRITABLE and FILE_MODE. */
  constructor(stateDirectory: string) {
    this.#database = new Database(stateDirectory)
  }

  /**
   * Compares with the pin of one server's definition, and pins on first sight.
   * @param identity what makes it the same server: its name in the policy, its command and arguments
   */
  check(identity: string, server: string, name: string, definition: string): 'same' | 'changed' {
    const digest = sha256(definition)
    const insert =
      'INSERT INTO pins (identity, server, name, digest, definition) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
    const find = 'SELECT digest, seen FROM pins WHERE identity = ? AND name = ?'
    const row = this.#database.get(find, identity, name)
    if (row === undefined) {
      this.#database.run(insert, identity, server, name, digest, definition)
      // Another process may have pinned it meanwhile, to something else.
      return this.#database.get(find, identity, name)?.['digest'] === digest ? 'same' : 'changed'
    }
    if (row['digest'] === digest) return 'same'
    const note = 'UPDATE pins SET seen = ? WHERE identity = ? AND name = ?'
    if (row['seen'] !== definition) this.#database.run(note, definition, identity, name)
    return 'changed'
  }

  /** Lists what is pinned, sorted by server and name. */
  list(): Pinned[] {
    const rows = this.#database.all('SELECT server, name, definition, seen FROM pins ORDER BY server, name')
    return rows.map((row) => ({
      server: String(row['server']),
      name: String(row['name']),
      pinned: String(row['definition']),
      seen: typeof row['seen'] === 'string' ? row['seen'] : null,
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
      this.#database.run(update, sha256(pin.seen ?? ''), server, pin.name, pin.seen)
    }
    return changed.map((pin) => pin.name)
  }

  close(): void {
    this.#database.close()
  }
}

/** Opens the pins. Throws STATE_UNWRITABLE where the database cannot be read or made. */
export function openPinStore(stateDirectory: string): PinStore {
  return new PinStore(stateDirectory)
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
