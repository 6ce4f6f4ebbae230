// @ts-check
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FOLDER } from './home.mjs'
import { hoopctl, succeed } from './hoopctl.mjs'
import { promise } from './promise.mjs'
import { command, paint, paragraph, print, printOutput } from './screen.mjs'

/** @typedef {Readonly<Record<string, string>>} Environment */

const CHANGE = /** @type {const} */ (['INC-2211', 'INC-1122'])

/**
 * Prints the timeline of the one session on Alice's laptop; gives its id.
 * @param {Environment} env
 * @returns {Promise<string>}
 */
export async function showSession(env) {
  const { sessions } = JSON.parse(await succeed(env, ['sessions', 'list', '--json']))
  promise('one session was recorded', sessions.length, 1)
  const { session, state, subject, calls, asked, denied } = sessions[0]
  promise(
    'the session holds every call',
    { state, subject, calls, asked, denied },
    { state: 'complete', subject: 'alice@acme.example', calls: 4, asked: 0, denied: 2 },
  )
  const words = ['sessions', 'show', session]
  command(words)
  const shown = await hoopctl(env, words)
  promise('the timeline tells the reason', outcomeOf(shown, CHANGE[0]), { exitCode: 0, told: CHANGE[0] })
  printOutput(shown.stdout)
  return session
}

/**
 * Verifies the session, then a copy of its log in which a reason was changed.
 * @param {Environment} env
 * @param {string} session
 */
export async function showVerification(env, session) {
  const verify = ['sessions', 'verify', session]
  command(verify)
  const verified = await hoopctl(env, verify)
  printOutput(verified.stdout)
  promise('the log verifies', outcomeOf(verified, 'ok, complete'), { exitCode: 0, told: 'ok, complete' })
  print()
  await changeCopy(env)
  paragraph('  ', 'Now somebody makes it another incident, in a copy of the log:')
  print(paint('cyan', `  $ sed s/${CHANGE.join('/')}/ sessions/*.jsonl > changed.jsonl`))
  const words = ['sessions', 'verify', 'changed.jsonl']
  command(words)
  const caught = await hoopctl(env, words)
  printOutput(caught.stdout)
  promise('the change is caught', outcomeOf(caught, 'broken'), { exitCode: 7, told: 'broken' })
  print(paint('dim', `  (exit code ${caught.exitCode})`))
}

/**
 * What a command ended with, and the words that it should have told; all that it told where it did not.
 * @param {{ stdout: string, exitCode: number | null }} outcome
 * @param {string} words
 */
function outcomeOf({ stdout, exitCode }, words) {
  return { exitCode, told: stdout.includes(words) ? words : stdout }
}

/** @param {Environment} env */
async function changeCopy(env) {
  const directory = join(env['HOOPCTL_HOME'] ?? '', 'state', 'sessions')
  const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.jsonl'))
  const log = await readFile(join(directory, name), 'utf8')
  const changed = log.replace(...CHANGE)
  promise('the log holds the reason', changed !== log, true)
  await writeFile(join(FOLDER, 'changed.jsonl'), changed)
}
