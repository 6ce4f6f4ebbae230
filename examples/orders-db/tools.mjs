// @ts-check
import { changingTools } from './changing-tools.mjs'
import { listTables, read, tableOf } from './database.mjs'

/** @typedef {import('@electric-sql/pglite').PGlite} PGlite */
/** @typedef {import('./database.mjs').Row} Row */
/** @typedef {Readonly<Record<string, any>>} Arguments checked against the tool's inputSchema */
/**
 * @typedef {object} Tool one tool: what the client is told of it, and what it does
 * @property {string} description
 * @property {import('@modelcontextprotocol/sdk/types.js').ToolAnnotations} annotations
 * @property {Record<string, object>} properties the arguments, all required
 * @property {(database: PGlite, args: Arguments) => Promise<string>} run gives the text of the result
 */

const READS = { readOnlyHint: true, openWorldHint: false }
const table = { type: 'string', description: 'schema.table' }

/** @type {Readonly<Record<string, Tool>>} */
const readingTools = {
  list_tables: {
    description: 'List the tables of the database.',
    annotations: READS,
    properties: {},
    run: async (database) => (await listTables(database)).join('\n'),
  },
  get_order: {
    description: 'Look up one order.',
    annotations: READS,
    properties: { id: { type: 'integer' } },
    run: async (database, { id }) => {
      const rows = await database.query('SELECT * FROM shop.orders WHERE id = $1', [id])
      const [order] = /** @type {Row[]} */ (rows.rows)
      return order === undefined ? `there is no order ${id}` : line(order)
    },
  },
  read_table: {
    description: 'Read the first rows of a table.',
    annotations: READS,
    properties: { table, limit: { type: 'integer', minimum: 1, maximum: 100 } },
    run: async (database, { table: name, limit }) => {
      const rows = await read(
        database,
        `SELECT * FROM ${await tableOf(database, name)} ORDER BY 1 LIMIT ${limit}`,
      )
      return rows.map(line).join('\n')
    },
  },
  query: {
    description: 'Run one SQL statement in a read-only transaction.',
    annotations: READS,
    properties: { sql: { type: 'string' } },
    run: async (database, { sql }) => (await read(database, sql)).map(line).join('\n'),
  },
  export_table: {
    description: 'Return a whole table as CSV.',
    annotations: READS,
    properties: { table },
    run: async (database, { table: name }) => {
      const rows = await read(database, `SELECT * FROM ${await tableOf(database, name)} ORDER BY 1`)
      const titles = Object.keys(rows[0] ?? {})
      return [titles, ...rows.map((row) => titles.map((title) => text(row[title])))].map(csv).join('\n')
    },
  },
}

/** All tools of this server, by name. */
export const TOOLS = new Map(Object.entries({ ...readingTools, ...changingTools }))

/**
 * Writes a row as one line: `id=1031 total=249.00`.
 * @param {Row} row
 */
function line(row) {
  return Object.entries(row)
    .map(([name, value]) => `${name}=${text(value)}`)
    .join(' ')
}

/** @param {unknown} value */
function text(value) {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value)
}

/** @param {readonly string[]} cells */
function csv(cells) {
  return cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')
}
