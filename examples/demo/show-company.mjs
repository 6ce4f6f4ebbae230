// @ts-check
import { JOINING, SIGNING, setUpLaptop, signPolicy } from './company.mjs'
import { connect } from './connect.mjs'
import { ALICE, BOB } from './people.mjs'
import { HOOPCTL, NODE } from './places.mjs'
import { promise } from './promise.mjs'
import { command, paint, paragraph, print, printOutput } from './screen.mjs'

/** @typedef {import('./connect.mjs').Connection} Connection */
/** @typedef {import('./company.mjs').Laptop} Laptop */

const ENTRY = [NODE, HOOPCTL, 'wrap', 'orders-db']

/**
 * Signs the company's policy and sets up two laptops with it, Alice's before the reader's eyes.
 * @param {string} issuer
 * @returns {Promise<{ alice: Laptop, bob: Laptop }>}
 */
export async function showSignIn(issuer) {
  paragraph('  ', 'The security team signs what holds for everybody (examples/orders-db/company.yaml):')
  const { digest, printed } = await signPolicy(issuer)
  for (const words of SIGNING) command(words)
  printOutput(printed.at(-1) ?? '')
  print()
  paragraph(
    '  ',
    `Alice takes it, pins who may sign, and signs in with the company's OpenID provider (a real one, on loopback; the demo plays her in the browser):`,
  )
  command(JOINING.add(digest))
  command(JOINING.login)
  const [alice, bob] = await Promise.all([setUpLaptop(ALICE, digest), setUpLaptop(BOB, digest)])
  printOutput(alice.signedIn)
  promise('Alice is signed in', alice.signedIn.includes('groups  engineering'), true)
  promise('Bob is signed in', bob.signedIn.includes('groups  support'), true)
  print()
  paragraph('  ', 'Bob, of support, does the same on his laptop.')
  return { alice, bob }
}

/** Which tools each sees, by examples/orders-db/company.yaml. */
const ALICES = ['list_tables', 'get_order', 'read_table', 'export_table']
const BOBS = ['list_tables', 'get_order', 'read_table', 'refund_order']

/**
 * Starts the same entry on both laptops, and prints the list of tools as each client sees it. Gives Alice's client.
 * @param {{ alice: Laptop, bob: Laptop }} laptops
 * @param {readonly string[]} all what the server has
 * @returns {Promise<Connection>}
 */
export async function showTwoPeople({ alice, bob }, all) {
  const [hers, his] = await Promise.all([connect(alice.env, ENTRY), connect(bob.env, ENTRY)])
  const [seenByAlice, seenByBob] = await Promise.all([hers.toolNames(), his.toolNames()])
  promise('each sees what is theirs', { alice: seenByAlice, bob: seenByBob }, { alice: ALICES, bob: BOBS })
  await his.close()
  paragraph('  ', 'The entry in their clients is the same: hoopctl wrap orders-db')
  print()
  print(paint('cyan', `  ${'the server has'.padEnd(20)}${'alice, engineering'.padEnd(22)}bob, support`))
  for (const name of all) print(`  ${name.padEnd(20)}${cell(name, ALICES)}${cell(name, BOBS).trimEnd()}`)
  return hers
}

/**
 * @param {string} name
 * @param {readonly string[]} seen
 */
function cell(name, seen) {
  const there = seen.includes(name)
  return paint(there ? 'green' : 'red', (there ? name : '-').padEnd(22))
}
