// @ts-check
import { hasScript, hasViewer, playedAnswer, viewerAnswers } from './at-terminal.mjs'
import { promise } from './promise.mjs'
import { forReaders } from './show-calls.mjs'
import { command, oneLine, paint, paragraph, print, printOutput } from './screen.mjs'

/** @typedef {import('./connect.mjs').Connection} Connection */
/** @typedef {import('./connect.mjs').Answer} Answer */
/** @typedef {Readonly<Record<string, string>>} Environment */

const REFUND = { name: 'refund_order', args: { id: 1041, amount: 940 } }
const QUERY = { name: 'query', args: { sql: 'SELECT count(*) FROM shop.orders' } }
const WITHOUT = '    without  '
const WITH = '    with     '

/**
 * Makes a call that a person is asked about. Where there is a terminal the viewer is that person, whatever they answer.
 * @param {Connection} bare
 * @param {Connection} wrapped
 * @param {Environment} env
 */
export async function showApproval(bare, wrapped, env) {
  paragraph('  ', 'A large refund: the rule says `ask`. The call waits at hoopctl; other calls pass it.')
  printCall(REFUND)
  print(WITHOUT + oneLine((await bare.call(REFUND.name, REFUND.args)).text, WITHOUT.length))
  const asks = wrapped.asks()
  const answer = wrapped.call(REFUND.name, REFUND.args)
  answer.catch(() => undefined) // awaited below, unless the screen fails first
  const approval = await asks
  promise('while it waits, nothing is paid', await paidBack(wrapped), '0.00')
  print(WITH + paint('yellow', `it waits as ${approval}; so far 0.00 euros were paid back`))
  print()
  const answered = await letSomebodyAnswer(approval, env)
  const first = await answer
  const isLate = answered && first.text.includes(`waiting for approval ${approval}`)
  if (isLate) sayLate(first.text)
  const { text, refused } = isLate ? await wrapped.call(REFUND.name, REFUND.args) : first
  paragraph(WITH, forReaders(text), (line) => paint(refused ? 'red' : 'green', line))
  if (!hasViewer) promise('what was approved passes', refused ? text : 'passed', 'passed')
  promise('what was paid is what was approved', await paidBack(wrapped), refused ? '0.00' : '940.00')
}

/**
 * Makes a call for whose answer nobody waits, repeats it once it is approved, and once more.
 * @param {Connection} wrapped
 * @param {Environment} env
 */
export async function showQueue(wrapped, env) {
  paragraph('  ', 'A statement in SQL. For these the policy waits two seconds, then the model gets an id:')
  printCall(QUERY)
  const first = await ask(wrapped)
  paragraph(WITH, first.text, (line) => paint('yellow', line))
  promise('the model is told the id', first.text.includes(first.approval), true)
  print()
  paragraph('  ', 'Later somebody looks at it (the demo plays them) and approves:')
  command(['approve', first.approval])
  printOutput(await playedAnswer(env, first.approval))
  print()
  paragraph('  ', 'The model repeats the same call. It passes, once; one more asks again:')
  const { text, refused } = await wrapped.call(QUERY.name, QUERY.args)
  promise('what was approved passes when it is repeated', refused ? text : 'passed', 'passed')
  print(WITH + paint('green', oneLine(text, WITH.length)))
  const again = await ask(wrapped)
  promise('an approval is good for one call', again.approval !== first.approval, true)
  paragraph(WITH, again.text, (line) => paint('yellow', line))
}

/** @param {string} told what the model got at the end of the hold */
function sayLate(told) {
  paragraph('  ', 'That was after the 45 seconds, so by then the model had been told:')
  paragraph(WITH, told, (line) => paint('yellow', line))
  print()
  paragraph('  ', 'The question outlives the hold. The model repeats the same call, and your answer counts:')
}

/**
 * Has somebody answer; false where a viewer leaves it open.
 * @param {string} approval
 * @param {Environment} env
 */
async function letSomebodyAnswer(approval, env) {
  if (hasViewer) {
    paragraph(
      '  ',
      'You are that person. hoopctl shows you the exact call; a client would leave you this line for another terminal:',
    )
    command(['approve', approval])
    paragraph(
      '  ',
      'The call is held for 45 seconds. Take longer if you like: your answer then counts when the model repeats the call.',
    )
    if (await viewerAnswers(env, approval)) return true
    paragraph('  ', 'Not answered. When it has waited for 45 seconds, the model is told to come back.')
    return false
  }
  const where = hasScript ? 'at a pseudo-terminal' : 'at pipes that pass for a terminal'
  paragraph(
    '  ',
    `A person answers in another terminal. There is none here, so the demo plays them ${where}:`,
  )
  command(['approve', approval])
  printOutput(await playedAnswer(env, approval))
  print()
  return true
}

/**
 * @param {Connection} wrapped
 * @returns {Promise<{ text: string, approval: string }>}
 */
async function ask(wrapped) {
  const asks = wrapped.asks()
  const { text, refused } = await wrapped.call(QUERY.name, QUERY.args)
  promise('a call that nobody answers is not sent', refused ? 'not sent' : text, 'not sent')
  return { text, approval: await asks }
}

/** @param {Connection} connection */
async function paidBack(connection) {
  const { text } = await connection.call('get_order', { id: REFUND.args.id })
  return / refunded=([\d.]+)/.exec(text)?.[1] ?? text
}

/** @param {{ name: string, args: object }} call */
function printCall({ name, args }) {
  print(paint('cyan', `    ${name} ${JSON.stringify(args)}`))
}
