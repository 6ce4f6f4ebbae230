// @ts-check
// usage: npm run demo
//
// One MCP server and one client, without and with hoopctl between them; then two people of a company that signs its policy.
// Nothing is installed, and nothing leaves this machine. Ends with 1 where anything is not as it says.
import { chmod } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SCENES } from './demo/calls.mjs'
import { printClientEntries } from './demo/client-entries.mjs'
import { closeAll, connect } from './demo/connect.mjs'
import { machine, untilUnused } from './demo/home.mjs'
import { BARE, POLICY, WRAPPED } from './demo/places.mjs'
import { BrokenPromise } from './demo/promise.mjs'
import { startProvider } from './demo/provider.mjs'
import { paint, paragraph, print, title } from './demo/screen.mjs'
import { showApproval, showQueue } from './demo/show-approvals.mjs'
import { lookAtTheWorld, showCall } from './demo/show-calls.mjs'
import { showSignIn, showTwoPeople } from './demo/show-company.mjs'
import { printPage, showEvidence } from './demo/show-evidence.mjs'
import { showGrant } from './demo/show-grant.mjs'
import { showSession, showVerification } from './demo/show-record.mjs'
import { showTools } from './demo/show-tools.mjs'

try {
  await demo()
} catch (failure) {
  if (!(failure instanceof BrokenPromise)) throw failure
  process.stderr.write(`${failure.message}\n`)
  process.exitCode = 1
} finally {
  await closeAll()
  await untilUnused()
}

async function demo() {
  print(paint('bold', 'hoopctl: one server, one client, without and with it'))
  print()
  paragraph(
    '  ',
    'A shop lets an assistant use its database through an MCP server (examples/orders-db: real PostgreSQL, in memory). First the client runs that server itself. Then it runs `hoopctl wrap` in its place, under examples/orders-db/policy.yaml.',
  )
  const tools = await alone()
  const provider = await startProvider()
  try {
    await inACompany(provider.issuer, tools)
  } finally {
    await provider.close()
  }
  title('11  The same in your client')
  printClientEntries()
  print()
  printPage()
}

/** One person, and a policy that is a file of theirs. Gives the names of the server's tools. */
async function alone() {
  // A checkout under umask 002 is writable by a group, and hoopctl refuses a policy that others may change or replace.
  await chmod(POLICY, 0o644)
  await chmod(dirname(POLICY), 0o755)
  const you = machine('you')
  const [bare, wrapped] = await Promise.all([connect(you, BARE), connect(you, WRAPPED)])
  title('1  What the client sees')
  const tools = await showTools(bare, wrapped)
  title('2  The same calls, without and with hoopctl')
  for (const scene of SCENES) await showCall(scene, bare, wrapped)
  await lookAtTheWorld(bare, wrapped)
  title('3  A call that waits for a person')
  await showApproval(bare, wrapped, you)
  title('4  Nobody answers: the call comes again')
  await showQueue(wrapped, you)
  await closeAll()
  return tools
}

/**
 * Two people, one signed policy.
 * @param {string} issuer
 * @param {readonly string[]} tools
 */
async function inACompany(issuer, tools) {
  title('5  In a company: who is asking, and by whose rules')
  const laptops = await showSignIn(issuer)
  title('6  Two people, one server')
  const client = await showTwoPeople(laptops, tools)
  title('7  Access that is asked for, and ends by itself')
  await showGrant(client, laptops.alice.env)
  await client.close()
  title('8  What was recorded')
  const session = await showSession(laptops.alice.env)
  title('9  Is the record to be believed?')
  await showVerification(laptops.alice.env, session)
  title('10  Evidence that leaves the laptop')
  await showEvidence(laptops.alice.env, session)
}
