// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { FOLDER } from './home.mjs'
import { HOOPCTL, NODE } from './places.mjs'
import { BrokenPromise } from './promise.mjs'

/**
 * @typedef {object} Outcome
 * @property {string} stdout
 * @property {string} stderr
 * @property {number | null} exitCode
 */

/**
 * @typedef {object} Question a command that waits for the person to sign in
 * @property {RegExp} told what it says on stderr then, with what is needed in groups
 * @property {(...needed: string[]) => Promise<void>} answer
 */

/**
 * Runs one hoopctl command to its end, in the demo's folder.
 * @param {Readonly<Record<string, string>>} env the machine that it runs on
 * @param {readonly string[]} words
 * @param {Question} [question]
 * @returns {Promise<Outcome>}
 */
export async function hoopctl(env, words, question) {
  const child = spawn(NODE, [HOOPCTL, ...words], { cwd: FOLDER, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const kill = () => child.kill() // one that waits for an answer would stay behind
  process.once('exit', kill)
  let [stdout, stderr] = ['', '']
  /** @type {Promise<void>[]} */
  const answers = []
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    stderr += chunk
    const told = question?.told.exec(stderr)
    if (question === undefined || told == null || answers.length > 0) return
    const answer = question.answer(...told.slice(1))
    answer.catch(kill)
    answers.push(answer)
  })
  const [exitCode] = await ended
  process.off('exit', kill)
  await Promise.all(answers)
  return { stdout, stderr, exitCode }
}

/**
 * Runs one that must succeed; gives what it printed.
 * @param {Parameters<typeof hoopctl>} call
 * @returns {Promise<string>}
 */
export async function succeed(...call) {
  const { stdout, stderr, exitCode } = await hoopctl(...call)
  if (exitCode === 0) return stdout
  throw new BrokenPromise(`hoopctl ${call[1].join(' ')} ended with ${exitCode}\n${stderr}`)
}
