import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { HoopctlError } from '../errors.ts'
import { patiently } from './busy.ts'
import { makePrivateDirectory, makePrivateFile, refuseIfLoose } from './private-files.ts'
import { quoted } from '../quoted.ts'
import { TABLES, TABLES_VERSION } from './tables.ts'

/** A row as SQLite gives it: nobody has looked at what is in it. */
export type Row = Readonly<Record<string, unknown>>

/** How long a write waits for those of others. */
const BUSY_MS = 3000

/**
 * The database that hoopctl's processes share, `state.db` in the state directory. Every function throws STATE_UNWRITABLE
 * where the database cannot be read or written: a caller that could not look must not believe that there was nothing.
 */
export class Database {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()
  readonly #file: string
  #inTransaction = false
  #isOpen = true

  /** Opens the database, making it and its directory on first use. Throws STATE_UNWRITABLE and FILE_MODE. */
  constructor(stateDirectory: string) {
    this.path = join(stateDirectory, 'state.db')
    this.#database = this.#telling(() => open(this.path))
    try {
      this.#telling(() => patiently(BUSY_MS, () => setUp(this.#database, this.path)))
      this.#file = this.#identity()
    } catch (failure) {
      this.#database.close()
      throw failure
    }
  }

  /** Reads one row. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#waiting(() => this.#statement(sql).get(...values))
  }

  /** Reads all rows. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#waiting(() => this.#statement(sql).all(...values))
  }

  /** Writes; returns how many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#waiting(() => Number(this.#statement(sql).run(...values).changes))
  }

  /** Does work in one step that other processes see whole or not at all. What it throws undoes the step. */
  atomically<T>(work: () => T): T {
    if (this.#inTransaction) return work()
    this.run('BEGIN IMMEDIATE') // not deferred: a transaction that reads first cannot wait for its turn to write
    this.#inTransaction = true
    try {
      const result = work()
      this.run('COMMIT')
      return result
    } catch (failure) {
      this.#rollBack()
      throw failure
    } finally {
      this.#inTransaction = false
    }
  }

  /** Does work in one step that a power cut does not undo: it waits for the disk. */
  durably<T>(work: () => T): T {
    if (this.#inTransaction) return work()
    this.run('PRAGMA synchronous = FULL')
    try {
      return this.atomically(work)
    } finally {
      this.run('PRAGMA synchronous = NORMAL')
    }
  }

  /**
   * Tells a number that differs from the last one if another connection has written since. Throws STATE_UNWRITABLE also
   * where the file was removed or replaced: SQLite would go on with the old one, in which nobody ends anything any more.
   */
  version(): number {
    const version = Number(this.get('PRAGMA data_version')?.['data_version'])
    const now = this.#telling(() => this.#identity())
    if (now !== this.#file) throw unusable(this.path, 'the file was removed or replaced while it was in use')
    return version
  }

  /** Writes everything into the one file, so that nothing of what was removed is left beside it. Others may be in the way. */
  compact(): void {
    this.get('PRAGMA wal_checkpoint(TRUNCATE)')
  }

  close(): void {
    this.#prepared.clear()
    if (this.#isOpen) this.#database.close()
    this.#isOpen = false
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#prepared.set(sql, statement)
    return statement
  }

  #rollBack(): void {
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // SQLite has undone it already, as it does when the disk is full: the first failure is what is told.
    }
  }

  #identity(): string {
    const { dev, ino } = statSync(this.path)
    return `${dev}:${ino}`
  }

  #waiting<T>(work: () => T): T {
    return this.#telling(() => patiently(BUSY_MS, work))
  }

  #telling<T>(work: () => T): T {
    try {
      return work()
    } catch (failure) {
      if (failure instanceof HoopctlError) throw failure
      throw unusable(this.path, failure instanceof Error ? failure.message : String(failure), failure)
    }
  }
}

function open(path: string): DatabaseSync {
  makePrivateDirectory(dirname(path))
  makePrivateFile(path)
  refuseIfLoose(`${path}-wal`)
  refuseIfLoose(`${path}-shm`)
  return new DatabaseSync(path)
}

// What need not survive a power cut does not wait for the disk; `durably` is for the rest.
function setUp(database: DatabaseSync, path: string): void {
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON') // what is removed leaves no bytes behind
  refuseNewer(database, path)
  if (database.prepare('PRAGMA journal_mode').get()?.['journal_mode'] !== 'wal') {
    database.exec('PRAGMA journal_mode = WAL')
  }
  if (versionOf(database) === TABLES_VERSION) return
  database.exec('BEGIN IMMEDIATE')
  refuseNewer(database, path) // another process may have made the tables while this one waited
  database.exec(`${TABLES}; COMMIT`)
}

function refuseNewer(database: DatabaseSync, path: string): void {
  const version = versionOf(database)
  if (version <= TABLES_VERSION) return
  const message = `\`${path}\` was made by a newer hoopctl: its tables are version ${version}, this one knows ${TABLES_VERSION}`
  throw new HoopctlError('STATE_UNWRITABLE', message, {
    hint: 'use the newest hoopctl everywhere on this machine',
  })
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

function unusable(path: string, why: string, cause?: unknown): HoopctlError {
  const away = `mv ${quoted(path)} ${quoted(`${path}.broken`)}`
  const hint = `see to it that you may write in ${quoted(dirname(path))}; if ${basename(path)} is damaged, begin anew: ${away}`
  return new HoopctlError('STATE_UNWRITABLE', `cannot use \`${path}\`: ${why}`, { hint, cause })
}
