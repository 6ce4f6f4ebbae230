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
  else paragraph(WITH, forReaders(through.text), (line) => paint('red', line))
  print()
}

/**
 * Looks into both databases: a refusal is worth what was not done.
 * @param {Connection} bare
 * @param {Connection} wrapped
 */
export async function lookAtTheWorld(bare, wrapped) {
  print('  What became of order 1039, which was of customer 7')
  for (const [first, connection] of /** @type {const} */ ([
    [WITHOUT, bare],
    [WITH, wrapped],
  ])) {
    const gone = (await connection.call('get_order', { id: 1039 })).text === 'there is no order 1039'
    const wild = connection === bare
    promise(`${wild ? 'without' : 'with'} hoopctl, order 1039 is gone`, gone, wild)
    print(first + paint(wild ? 'red' : 'green', `it is ${gone ? 'gone' : 'still there'}`))
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
}

/** @param {Answer} answer */
function answerIn({ refused, text }) {
  return { refused, text }
}

/**
 * Leaves out the last sentence: it tells the model what a person can do, the same each time, with long paths in it.
 * @param {string} text
 */
export function forReaders(text) {
  return text.replace(/ A person can .*$/s, '')
}
