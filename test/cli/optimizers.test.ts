import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const SOURCE = join(import.meta.dirname, '../../src/cli/optimizers.ts')
const SCRIPT = `
  const { restOptimizers, wakeOptimizers } = await import(${JSON.stringify(SOURCE)})
  const run = async (hot) => {
    for (let round = 0; round < 100; round += 1) hot(2000)
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (let round = 0; round < 100; round += 1) hot(2000)
  }
  const add = (n, by) => { let sum = 0; for (let i = 0; i < n; i += 1) sum = (sum + i * by) % 1000; return sum }
  restOptimizers()
  await run(function whileTheyRest(n) { return add(n, 2) })
  wakeOptimizers()
  await run(function onceTheyWork(n) { let sum = 0; for (let i = 0; i < n; i += 1) sum = (sum + i) % 99; return sum })
`

it('given what runs hot, V8 does not optimize it while its compilers rest, and does once they are awake', () => {
  const args = ['--trace-opt', '--input-type=module', '-e', SCRIPT]
  const traced = execFileSync(process.execPath, args, { encoding: 'utf8' })
  // Marked is what is about to be optimized: when another thread has done it, nobody can say.
  expect(traced).toMatch(/marking.*onceTheyWork.*for optimization/)
  expect(traced).not.toMatch(/whileTheyRest|<JSFunction add/)
})
