// @ts-check
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hoopctl, succeed } from './hoopctl.mjs'
import { PAGE } from './places.mjs'
import { promise } from './promise.mjs'
import { command, paint, paragraph, print, printOutput } from './screen.mjs'

/** @typedef {Readonly<Record<string, string>>} Environment */

/**
 * Sends the session where the signed policy says, cuts the log on the laptop, and has it found out. Leaves the session as a page.
 * @param {Environment} env
 * @param {string} session
 */
export async function showEvidence(env, session) {
  paragraph(
    '  ',
    'The signed policy has every session sent where the laptop cannot take it back (here: a directory):',
  )
  const upload = ['sessions', 'upload']
  command(upload)
  const sent = await succeed(env, upload)
  printOutput(sent)
  promise('all is sent', sent.includes('1 session') && sent.includes('all are there'), true)
  await verified(env, ['sessions', 'verify', '--remote', session], 0, 'holds all of it')
  print()
  paragraph(
    '  ',
    'Without its last line a log looks like one of a session that was killed. What was sent tells:',
  )
  const log = join(env['HOOPCTL_HOME'] ?? '', 'state', 'sessions', '00000001.jsonl')
  const whole = await readFile(log, 'utf8')
  print(paint('cyan', "  $ sed -i '$d' sessions/00000001.jsonl"))
  await writeFile(log, whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1))
  await verified(env, ['sessions', 'verify', session], 0, 'ok, open')
  await verified(env, ['sessions', 'verify', '--remote', session], 7, 'the log here was cut')
  await writeFile(log, whole)
  await succeed(env, ['sessions', 'export', session, '--format', 'html', '--out', PAGE])
}

/**
 * @param {Environment} env
 * @param {readonly string[]} words
 * @param {number} exitCode
 * @param {string} told
 */
async function verified(env, words, exitCode, told) {
  command(words)
  const outcome = await hoopctl(env, words)
  printOutput(outcome.stdout.replace(/`[^`]*\/(\d{10}\.jsonl)`/g, '`…/$1`')) // too long for 80 columns
  const seen = { exitCode: outcome.exitCode, told: outcome.stdout.includes(told) ? told : outcome.stdout }
  promise('what was sent tells', seen, { exitCode, told })
  if (exitCode !== 0) print(paint('dim', `  (exit code ${exitCode})`))
}

/** Says where the page lies. */
export function printPage() {
  paragraph('  ', 'And what Alice did, as a page that works offline:')
  print()
  print(`  ${PAGE}`)
}
