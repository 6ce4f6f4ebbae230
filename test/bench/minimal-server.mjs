// The server of the benchmark: MCP over stdio (2025-11-25) without an SDK, so that the proxy is what is measured.
// `echo` answers with a result whose JSON has `bytes` bytes; it is made once for each size. Without `bytes` it answers with
// the time at which it was called, by a clock that all processes read alike.
import { Lines, parseLines } from './lines.mjs'
import { resultOf } from './payload.mjs'

const SMALL = 65_536
const TOOLS = ['echo', 'read_report', 'list_reports', 'search_orders', 'delete_order'].map((name) => ({
  name,
  description: `The benchmark's ${name}.`,
  inputSchema: { type: 'object', properties: { bytes: { type: 'integer' }, path: { type: 'string' } } },
}))
const results = new Map()
const lines = new Lines()

process.stdin.on('data', (chunk) => {
  const whole = lines.take(chunk)
  if (whole === null) return
  for (const request of parseLines(whole)) if (request.id !== undefined) send(request)
})

function send(request) {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(request.id)},`
  const result = answer(request)
  if (typeof result === 'string') {
    process.stdout.write(`${head}${result}}\n`, 'latin1')
    return
  }
  process.stdout.cork()
  process.stdout.write(head)
  process.stdout.write(result) // as it is: nothing copies a megabyte
  process.stdout.write('}\n')
  process.stdout.uncork()
}

function answer({ method, params }) {
  switch (method) {
    case 'tools/call':
      return params.arguments.bytes === undefined ? timeNow() : echo(params.arguments.bytes)
    case 'initialize':
      return member('result', {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'bench', version: '1.0.0' },
      })
    case 'tools/list':
      return member('result', { tools: TOOLS })
    case 'ping':
      return member('result', {})
    default:
      return member('error', { code: -32601, message: 'method not found' })
  }
}

function echo(bytes) {
  const known = results.get(bytes)
  if (known !== undefined) return known
  const text = member('result', resultOf(bytes))
  const made = text.length > SMALL ? Buffer.from(text, 'latin1') : text
  results.set(bytes, made)
  return made
}

function timeNow() {
  return member('result', { content: [{ type: 'text', text: String(process.hrtime.bigint()) }] })
}

function member(name, value) {
  return `"${name}":${JSON.stringify(value)}`
}
