// @ts-check
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { PGlite } from '@electric-sql/pglite'

/** @typedef {Record<string, unknown>} Row */

const SEED = new URL('seed.sql', import.meta.url)
const CACHE = new URL('../../node_modules/.cache/orders-db/', import.meta.url)

/**
 * Starts a PostgreSQL in the memory of this process, with the data of seed.sql.
 * @returns {Promise<PGlite>}
 */
export async function openDatabase() {
  const seed = await readFile(SEED, 'utf8')
  const copy = new URL(`${createHash('sha256').update(seed).digest('hex')}.tar`, CACHE)
  return (await openCopy(copy)) ?? (await makeDatabase(seed, copy))
}

/** @param {URL} copy */
async function openCopy(copy) {
  try {
    return await PGlite.create({ loadDataDir: new Blob([await readFile(copy)]) })
  } catch {
    return null // there is none yet, or it is of another PostgreSQL
  }
}

// To make one takes seconds, to open a copy of it a fraction of one.
/**
 * @param {string} seed
 * @param {URL} copy
 */
async function makeDatabase(seed, copy) {
  const database = await PGlite.create()
  await database.exec(seed)
  const bytes = await database.dumpDataDir('none')
  const draft = new URL(`${copy.href}.${process.pid}`)
  try {
    await mkdir(CACHE, { recursive: true })
    await writeFile(draft, bytes.stream())
    await rename(draft, copy)
  } catch {
    await rm(draft, { force: true }) // nowhere to keep it: the next server makes its own
  }
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
