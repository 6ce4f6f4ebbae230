// @ts-check
import { promise } from './promise.mjs'
import { oneLine, paint, paragraph, print } from './screen.mjs'

/** @typedef {import('./connect.mjs').Connection} Connection */
/** @typedef {import('./connect.mjs').Answer} Answer */
/** @typedef {import('./calls.mjs').Scene} Scene */

const WITHOUT = '    without  '
const WITH = '    with     '

/**
 * Makes one call on both servers and prints what came of it.
 * @param {Scene} scene
 * @param {Connection} bare
 * @param {Connection} wrapped
 */
export async function showCall(scene, bare, wrapped) {
  const { about, name, args } = scene
  const [without, through] = await Promise.all([bare.call(name, args), wrapped.call(name, args)])
  keepPromise(scene, without, through)
  print(`  ${about}`)
  print(paint('cyan', `    ${name} ${JSON.stringify(args)}`))
  print(WITHOUT + oneLine(without.text, WITHOUT.length))
  if (scene.outcome === 'same') print(WITH + paint('green', 'the same answer'))
  else
    paragraph(WITH, forReaders(through.text), (line) =>
      paint(scene.outcome === 'asked' ? 'yellow' : 'red', line),
    )
  print()
}

/**
 * Looks into both databases: a refusal is worth what was not done.
 * @param {Connection} bare
 * @param {Connection} wrapped
 */
export async function lookAtTheWorld(bare, wrapped) {
  print('  What became of order 1039 (of customer 7) and of order 1041')
  for (const [first, connection] of /** @type {const} */ ([
    [WITHOUT, bare],
    [WITH, wrapped],
  ])) {
    const [deleted, refunded] = [
      await connection.call('get_order', { id: 1039 }),
      await connection.call('get_order', { id: 1041 }),
    ]
    const gone = deleted.text === 'there is no order 1039'
    const paid = / refunded=([\d.]+)/.exec(refunded.text)?.[1] ?? ''
    const wild = connection === bare
    promise(
      `${wild ? 'without' : 'with'} hoopctl, what became of orders 1039 and 1041`,
      { gone, paid },
      { gone: wild, paid: wild ? '940.00' : '0.00' },
    )
    print(
      first +
        paint(
          wild ? 'red' : 'green',
          `1039 is ${gone ? 'gone' : 'still there'}; of 1041, ${paid} euros were paid back`,
        ),
    )
  }
}

/**
 * @param {Scene} scene
 * @param {Answer} without
 * @param {Answer} through
 */
function keepPromise({ about, outcome, rules }, without, through) {
  promise(`${about}: the server itself would do it`, answerIn(without), {
    ...answerIn(without),
    refused: false,
  })
  if (outcome === 'same') return promise(`${about}: both answers are equal`, through.whole, without.whole)
  const told = { refused: through.refused, rules: through.rules }
  promise(`${about}: refused by ${rules.join(', ')}`, told, { refused: true, rules })
  const asked = through.text.includes("needs a person's approval")
  promise(`${about}: the text says whether a person must approve`, asked, outcome === 'asked')
}

/** @param {Answer} answer */
function answerIn({ refused, text }) {
  return { refused, text }
}

// The last sentence tells the model what a person can do: the same each time, with long paths in it.
/** @param {string} text */
function forReaders(text) {
  return text.replace(/ A person can .*$/s, '')
}
