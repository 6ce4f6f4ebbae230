// @ts-check
import { signInAt } from './browser.mjs'
import { succeed } from './hoopctl.mjs'
import { ALICE } from './people.mjs'
import { promise } from './promise.mjs'
import { command, oneLine, paint, paragraph, print, printOutput } from './screen.mjs'

const CALL = { name: 'export_table', args: { table: 'shop.orders' } }
const REQUEST = ['request', 'exports', '--reason', 'INC-2211: the auditors ask']

/**
 * Calls a tool before its grant is active, while it is, and after it has ended.
 * @param {import('./connect.mjs').Connection} client Alice's
 * @param {Readonly<Record<string, string>>} env her laptop
 */
export async function showGrant(client, env) {
  await client.call('get_order', { id: 1042 }) // starts the database: that could last longer than the grant
  await showDenied(client)
  print()
  paragraph(
    '  ',
    'The model could type that too, where it has a shell. So the grant is given for a fresh sign-in, whose token covers this very request. Alice types it, and signs in:',
  )
  command(REQUEST)
  const begun = client.listChange()
  const granted = await succeed(env, REQUEST, {
    told: /sign in once more[^]*?\n\n {2}(http\S+)\n/,
    answer: (address = '') => signInAt(address, ALICE),
  })
  await begun
  const ended = client.listChange()
  const { refused, text } = await client.call(CALL.name, CALL.args)
  promise('while the grant is active, the call passes', refused ? text : 'passed', 'passed')
  printOutput(granted)
  print()
  printCall()
  print(`    ${paint('green', oneLine(text, 4))}`)
  await ended
  print()
  paragraph('  ', 'Five seconds later. Nobody took it away: it has ended.')
  await showDenied(client)
}

/** @param {import('./connect.mjs').Connection} client */
async function showDenied(client) {
  const { refused, text } = await client.call(CALL.name, CALL.args)
  const helps = text.includes('hoopctl request exports')
  promise(
    'without the grant, the call is denied and the command is named',
    { refused, helps },
    { refused: true, helps: true },
  )
  printCall()
  paragraph('    ', text, (line) => paint('red', line))
}

function printCall() {
  print(paint('cyan', `    ${CALL.name} ${JSON.stringify(CALL.args)}`))
}
