// The floor for any proxy that records before it forwards: the bare relay, and for each message the digest, the chained
// line and the one write that docs/session-log.md asks for. It reads nothing strictly, decides nothing and signs nothing.
// Usage: node recording-relay.mjs LOG COMMAND [ARGS…]
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { openSync, statSync, writeSync } from 'node:fs'
import { Lines } from './lines.mjs'

const LF = 10
const [log, command, ...args] = process.argv.slice(2)
const fd = openSync(log, 'a')
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
server.on('exit', (code) => (process.exitCode = code ?? 1))
server.stdin.on('error', () => {}) // the server ended first: its exit code says so

let seq = 0
let prev = '0'.repeat(64)
relay('request', process.stdin, server.stdin)
relay('response', server.stdout, process.stdout)

function relay(kind, from, to) {
  const lines = new Lines()
  from.on('data', (chunk) => {
    const whole = lines.take(chunk)
    if (whole === null) return
    record(kind, whole)
    if (to.write(whole)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
  if (to !== process.stdout) from.on('end', () => to.end())
}

/** Writes the records of all messages of a chunk at once, then looks whether the log is still in its place. */
function record(kind, whole) {
  const records = []
  for (let start = 0; start < whole.length; ) {
    const end = whole.indexOf(LF, start)
    records.push(...recordOf(kind, whole.subarray(start, end)))
    start = end + 1
  }
  writeSync(fd, Buffer.concat(records))
  statSync(log)
}

function recordOf(kind, message) {
  const { method = '' } = JSON.parse(message.toString())
  const at = new Date().toISOString()
  const decision = '{"effect":"allow","rules":["rules[7]"],"why":"allowed by rules[7]"}'
  const start = `{"seq":${seq},"at":"${at}","kind":"${kind}","prev":"${prev}","method":"${method}","decision":${decision}`
  const size = `,"bytes":${message.length},"sha256":"${hash('sha256', message)}"`
  // Payloads of up to 64 KiB stand in the log, of others the first part does.
  const part =
    message.length <= 65_536 ? message : Buffer.from(JSON.stringify(message.toString('utf8', 0, 1024)))
  const line = Buffer.concat([Buffer.from(`${start}${size},"message":`), part, Buffer.from('}')])
  seq += 1
  prev = hash('sha256', line)
  return [line, Buffer.from('\n')]
}
