// @ts-check
import { promise } from './promise.mjs'
import { paint, print } from './screen.mjs'

/** Why a tool is not in the list that the client sees through hoopctl; examples/orders-db/policy.yaml says it. */
const HIDDEN = {
  export_table: 'no rule allows it',
  delete_customer: 'a rule denies it, always',
}

/**
 * Prints the list of tools as the client sees it, side by side. Gives those of the server.
 * @param {import('./connect.mjs').Connection} bare
 * @param {import('./connect.mjs').Connection} wrapped
 * @returns {Promise<readonly string[]>}
 */
export async function showTools(bare, wrapped) {
  const [all, shown] = await Promise.all([bare.toolNames(), wrapped.toolNames()])
  const hidden = all.filter((name) => !shown.includes(name))
  promise(
    'the list of tools lacks those that policy can never allow, and no other',
    { hidden, shown },
    { hidden: Object.keys(HIDDEN), shown: all.filter((name) => !(name in HIDDEN)) },
  )
  print(paint('cyan', `  ${'without hoopctl'.padEnd(20)}with hoopctl`))
  for (const name of all) {
    const why = Object.entries(HIDDEN).find(([tool]) => tool === name)?.[1]
    const there = why === undefined ? paint('green', name) : paint('red', `-   (${why})`)
    print(`  ${name.padEnd(20)}${there}`)
  }
  return all
}
