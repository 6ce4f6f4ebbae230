// @ts-check
// usage: npm run demo
//
// One MCP server and one client, without and with hoopctl between them. Nothing is installed, and nothing leaves this
// machine. Ends with 1 where anything is not as it says.
import { chmod } from 'node:fs/promises'
import { SCENES } from './demo/calls.mjs'
import { printClientEntries } from './demo/client-entries.mjs'
import { connect } from './demo/connect.mjs'
import { BARE, POLICY, WRAPPED } from './demo/places.mjs'
import { BrokenPromise } from './demo/promise.mjs'
import { paint, paragraph, print, title } from './demo/screen.mjs'
import { lookAtTheWorld, showCall } from './demo/show-calls.mjs'
import { showSession, showVerification } from './demo/show-record.mjs'
import { showTools } from './demo/show-tools.mjs'

try {
  await demo()
} catch (failure) {
  if (!(failure instanceof BrokenPromise)) throw failure
  process.stderr.write(`${failure.message}\n`)
  process.exitCode = 1
}

async function demo() {
  print(paint('bold', 'hoopctl: one server, one client, without and with it'))
  print()
  paragraph(
    '  ',
    'A shop lets an assistant use its database through an MCP server (examples/orders-db: real PostgreSQL, in memory). First the client runs that server itself. Then it runs `hoopctl wrap` in its place, under examples/orders-db/policy.yaml.',
  )
  // A checkout under umask 002 is writable by a group, and hoopctl refuses a policy that others may change.
  await chmod(POLICY, 0o644)
  const [bare, wrapped] = await Promise.all([connect(BARE), connect(WRAPPED)])
  try {
    title('1  What the client sees')
    await showTools(bare, wrapped)
    title('2  The same calls, without and with hoopctl')
    for (const scene of SCENES) await showCall(scene, bare, wrapped)
    await lookAtTheWorld(bare, wrapped)
  } finally {
    await Promise.all([bare.close(), wrapped.close()])
  }
  title('3  What was recorded')
  const session = await showSession()
  title('4  Is the record to be believed?')
  await showVerification(session)
  title('5  The same in your client')
  printClientEntries()
}
