// The floor for any proxy in Node: starts the server, splits lines, parses each with JSON.parse, forwards the bytes.
// It decides nothing and records nothing. Usage: node bare-relay.mjs COMMAND [ARGS…]
import { spawn } from 'node:child_process'
import { Lines, parseLines } from './lines.mjs'

const [command, ...args] = process.argv.slice(2)
const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
server.on('exit', (code) => (process.exitCode = code ?? 1))
server.stdin.on('error', () => {}) // the server ended first: its exit code says so

relay(process.stdin, server.stdin)
relay(server.stdout, process.stdout)

function relay(from, to) {
  const lines = new Lines()
  from.on('data', (chunk) => {
    const whole = lines.take(chunk)
    if (whole === null) return
    parseLines(whole)
    if (to.write(whole)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
  if (to !== process.stdout) from.on('end', () => to.end())
}
