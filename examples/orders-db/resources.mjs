// @ts-check
import { listTables, read } from './database.mjs'

/** @typedef {import('@electric-sql/pglite').PGlite} PGlite */

const PREFIX = 'orders-db://schema/'

/**
 * Lists one resource for each table: its columns.
 * @param {PGlite} database
 */
export async function listResources(database) {
  const tables = await listTables(database)
  return tables.map((name) => ({
    uri: PREFIX + name.replace('.', '/'),
    name,
    description: `The columns of ${name}`,
    mimeType: 'text/plain',
  }))
}

/**
 * Reads the columns of one table. Throws where there is no such resource.
 * @param {PGlite} database
 * @param {string} uri
 */
export async function readResource(database, uri) {
  const resources = await listResources(database)
  const found = resources.find((resource) => resource.uri === uri)
  if (found === undefined) throw new Error(`there is no resource ${JSON.stringify(uri)}`)
  const columns = await read(
    database,
    `SELECT column_name AS name, data_type AS type FROM information_schema.columns
      WHERE table_schema || '.' || table_name = '${found.name}' ORDER BY ordinal_position`,
  )
  const text = columns.map(({ name, type }) => `${String(name)} ${String(type)}`).join('\n')
  return { uri, mimeType: found.mimeType, text }
}
