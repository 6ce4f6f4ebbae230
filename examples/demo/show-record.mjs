// @ts-check
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HOME, hoopctl } from './home.mjs'
import { promise } from './promise.mjs'
import { paint, paragraph, print } from './screen.mjs'

/**
 * Prints the timeline of the one session that was recorded; gives its id.
 * @returns {Promise<string>}
 */
export async function showSession() {
  const { sessions } = JSON.parse((await hoopctl('sessions', 'list', '--json')).stdout)
  promise('one session was recorded', sessions.length, 1)
  const { session, state, calls, asked, denied } = sessions[0]
  const counts = { state, calls, asked, denied }
  promise('the session holds every call', counts, { state: 'complete', calls: 7, asked: 1, denied: 2 })
  command('sessions', 'show', session)
  const shown = await hoopctl('sessions', 'show', session)
  promise('the timeline names the rules', outcomeOf(shown, 'rules.no-salaries'), {
    exitCode: 0,
    told: 'rules.no-salaries',
  })
  printOutput(shown.stdout)
  return session
}

/**
 * Verifies the session, then a copy of its log in which one number was changed.
 * @param {string} session
 */
export async function showVerification(session) {
  command('sessions', 'verify', session)
  const verified = await hoopctl('sessions', 'verify', session)
  printOutput(verified.stdout)
  promise('the log verifies', outcomeOf(verified, 'ok, complete'), { exitCode: 0, told: 'ok, complete' })
  print()
  const copy = await changedCopy()
  print('  Now somebody makes the large refund look small, in a copy of the log:')
  print(paint('cyan', `  $ sed 's/"amount":940/"amount":490/' sessions/*.jsonl > changed.jsonl`))
  command('sessions', 'verify', 'changed.jsonl')
  const caught = await hoopctl('sessions', 'verify', copy)
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

async function changedCopy() {
  const directory = join(HOME, 'state', 'sessions')
  const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.jsonl'))
  const log = await readFile(join(directory, name), 'utf8')
  const changed = log.replace('"amount":940', '"amount":490') // digests may hold a 940 as well
  promise('the log holds the amount that was asked for', changed !== log, true)
  const copy = join(HOME, 'changed.jsonl')
  await writeFile(copy, changed)
  return copy
}

/** @param {readonly string[]} words */
function command(...words) {
  print(paint('cyan', `  $ hoopctl ${words.join(' ')}`))
}

// What a line begins with stays in its column: `  server      ` before a long path.
/** @param {string} text */
function printOutput(text) {
  for (const line of text.trimEnd().split('\n')) {
    const [first = ''] = /^ *(?:\S+ {2,})?/.exec(line) ?? []
    paragraph(`  ${first}`, line.slice(first.length))
  }
}
