import type { SealKey } from './activation-row.ts'
import type { Database, Row } from './database.ts'

/** The columns of a row, each a text or nothing, in the order in which they are sealed. */
export type Texts<Column extends string> = Readonly<Record<Column, string | null>>

/** Rows of one table that the device key seals; the first column names the row. */
export class SealedRows<Column extends string> {
  readonly #table: string
  readonly #columns: readonly Column[]

  constructor(table: string, columns: readonly Column[]) {
    this.#table = table
    this.#columns = columns
  }

  /** Writes a row with its seal, in place of what was written under its name. */
  write(database: Database, texts: Texts<Column>, key: SealKey): void {
    const seal = Buffer.from(key.sign(this.#sealed(texts))).toString('base64url')
    const values = this.#columns.map((column) => texts[column])
    const places = values.map(() => '?').join(', ')
    const into = `${this.#table} (${this.#columns.join(', ')}, seal)`
    database.run(`INSERT OR REPLACE INTO ${into} VALUES (${places}, ?)`, ...values, seal)
  }

  /** Reads a row's texts; null where its seal does not fit, because somebody changed what it says. */
  read(row: Row, key: SealKey): Texts<Column> | null {
    const { seal } = row
    const entries = this.#columns.map((column) => [column, row[column]] as const)
    if (
      typeof seal !== 'string' ||
      !entries.every(([, value]) => typeof value === 'string' || value === null)
    )
      return null
    const texts = Object.fromEntries(entries) as Texts<Column> // each was looked at in the line above
    return key.verify(this.#sealed(texts), Buffer.from(seal, 'base64url')) ? texts : null
  }

  // The device key signs other things too: the first line keeps this apart from all of them.
  #sealed(texts: Texts<Column>): Buffer {
    return Buffer.from(
      `hoopctl-${this.#table}/1\n${JSON.stringify(this.#columns.map((each) => texts[each]))}`,
    )
  }
}
