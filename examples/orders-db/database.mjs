// @ts-check
import { readFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'

/** @typedef {Record<string, unknown>} Row */

/**
 * Starts a PostgreSQL in the memory of this process, with the data of seed.sql.
 * @returns {Promise<PGlite>}
 */
export async function openDatabase() {
  const database = await PGlite.create()
  await database.exec(await readFile(new URL('seed.sql', import.meta.url), 'utf8'))
  return database
}

/**
 * Runs one statement that can change nothing, whatever it says.
 * @param {PGlite} database
 * @param {string} sql
 * @returns {Promise<Row[]>}
 */
export async function read(database, sql) {
  const { rows } = await database.transaction(async (transaction) => {
    await transaction.exec('SET TRANSACTION READ ONLY')
    return transaction.query(sql) // a prepared statement: PostgreSQL takes only one
  })
  return /** @type {Row[]} */ (rows)
}

/**
 * Quotes the name of a table, `shop.orders`. Throws where there is none of that name.
 * @param {PGlite} database
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function tableOf(database, name) {
  const tables = await listTables(database)
  if (!tables.includes(name)) throw new Error(`there is no table ${JSON.stringify(name)}`)
  return name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
}

/**
 * Lists the tables of all schemas, as `schema.table`.
 * @param {PGlite} database
 * @returns {Promise<string[]>}
 */
export async function listTables(database) {
  const sql = `SELECT schemaname || '.' || tablename AS name FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`
  const rows = await read(database, sql)
  return rows.map(({ name }) => String(name))
}
