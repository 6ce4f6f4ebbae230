/** One megabyte, as the benchmark counts. */
export const MEGABYTE = 1_048_576

/** The bytes of a small call and of its answer. */
export const KILOBYTE = 1024

// Rows as a query prints them: the quotes and line feeds that a parser meets in real results. ASCII only.
const ROW = '{"order": 1042, "placed": "2026-03-04", "state": "shipped", "total": "129.95 EUR"}\n'
const ID_DIGITS = 7

/** The result of a tool call whose JSON is about `bytes` long. */
export function resultOf(bytes) {
  return { content: [{ type: 'text', text: rows(bytes - 50) }], isError: false }
}

/**
 * Makes requests of 1,024 bytes that differ in their id only, so that all answers have one length.
 * `resultBytes` is the size of the asked result; `authorization` is what the firewall wants in `_meta`.
 */
export function requestTemplate(resultBytes, authorization) {
  const params = {
    name: 'echo',
    arguments: {
      path: '/srv/reports/2026/q1.csv',
      bytes: resultBytes,
      limit: 100,
      mode: 'read',
      dryRun: false,
      text: '',
    },
    _meta: { authorization },
  }
  const line = (text) => {
    const call = { jsonrpc: '2.0', id: 10 ** (ID_DIGITS - 1), method: 'tools/call', params: { ...params } }
    call.params.arguments = { ...params.arguments, text }
    return Buffer.from(`${JSON.stringify(call)}\n`)
  }
  return line('a'.repeat(KILOBYTE - line('').length))
}

/** Makes a call of 1,024 bytes that a rule of the bench's policy asks about; the server answers it with a time. */
export function approvedRequest(id) {
  const line = (text) => {
    const args = { path: '/srv/reports/2026/q1.csv', limit: 100, mode: 'read', recursive: true, text }
    const call = { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'echo', arguments: args } }
    return `${JSON.stringify(call)}\n`
  }
  return line('a'.repeat(KILOBYTE - line('').length))
}

const ID_OFFSET = '{"jsonrpc":"2.0","id":'.length

/** Copies `template` with an id of seven digits. */
export function request(template, id) {
  const bytes = Buffer.from(template)
  bytes.latin1Write(String(id), ID_OFFSET, ID_DIGITS)
  return bytes
}

// The length of the JSON of the rows, in which each quote and line feed is two bytes.
function rows(bytes) {
  const encoded = JSON.stringify(ROW).length - 2
  return ROW.repeat(Math.max(0, Math.floor(bytes / encoded))) + 'x'.repeat(Math.max(0, bytes % encoded))
}
