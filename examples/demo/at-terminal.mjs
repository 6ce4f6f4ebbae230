// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { FOLDER } from './home.mjs'
import { HOOPCTL, NODE } from './places.mjs'
import { BrokenPromise } from './promise.mjs'

const SCRIPT = '/usr/bin/script'
const IN_ITS_FRAME = 'stty rows 24 columns 80; exec "$DEMO_NODE" "$DEMO_HOOPCTL" approve "$DEMO_APPROVAL"'
const PRETENDED = new URL('pretended-terminal.mjs', import.meta.url).href
/** A key counts once a call was in focus for 300 ms. */
const SETTLED_MS = 400
const PATIENCE_MS = 30_000

/** Can the viewer answer? */
export const hasViewer = process.stdin.isTTY === true && process.stdout.isTTY === true

/** What the demo answers at where the viewer does not: a pseudo-terminal, if this system has the command that makes them. */
export const hasScript = process.platform === 'linux' && isThere(SCRIPT)

/**
 * Runs `hoopctl approve` in the viewer's terminal; false where they leave it without an answer.
 * @param {Readonly<Record<string, string>>} env
 * @param {string} approval
 */
export async function viewerAnswers(env, approval) {
  process.stdout.write('  Press Return to see it, and there a to approve or d to deny. ')
  await Promise.race([once(process.stdin, 'data'), once(process.stdin, 'end')])
  process.stdin.pause() // what is typed from now on is for hoopctl
  const { TERM = 'xterm', LANG = 'C.UTF-8', NO_COLOR = '' } = process.env
  const child = spawn(NODE, [HOOPCTL, 'approve', approval], {
    cwd: FOLDER,
    env: { ...env, TERM, LANG, NO_COLOR },
    stdio: 'inherit',
  })
  const [exitCode] = await once(child, 'close')
  return exitCode === 0
}

/**
 * Plays a person who runs `hoopctl approve` and presses `a`. Gives what is left on the terminal then.
 * @param {Readonly<Record<string, string>>} env
 * @param {string} approval
 */
export async function playedAnswer(env, approval) {
  const [command, ...words] = hasScript
    ? [SCRIPT, '--quiet', '--return', '--command', IN_ITS_FRAME, '/dev/null']
    : [NODE, '--import', PRETENDED, HOOPCTL, 'approve', approval]
  const given = { DEMO_NODE: NODE, DEMO_HOOPCTL: HOOPCTL, DEMO_APPROVAL: approval, TERM: 'xterm' }
  const child = spawn(command, words, { cwd: FOLDER, env: { ...env, ...given }, stdio: 'pipe' })
  const ended = once(child, 'close')
  const kill = () => child.kill() // one that waits for an answer would stay behind
  process.once('exit', kill)
  const timer = setTimeout(kill, PATIENCE_MS)
  let shown = ''
  let pressed = false
  child.stderr.resume()
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text
    if (pressed || !shown.includes('a approve')) return
    pressed = true
    setTimeout(() => child.stdin.write('a'), SETTLED_MS)
  })
  const [exitCode] = await ended
  clearTimeout(timer)
  process.off('exit', kill)
  if (exitCode !== 0)
    throw new BrokenPromise(
      `hoopctl approve ${approval} ended with ${exitCode}\n${stripVTControlCharacters(shown)}`,
    )
  // What it says last stands on the screen that was there before.
  return stripVTControlCharacters(shown.split('\u001b[?1049l').at(-1) ?? '').trim()
}

/** @param {string} file */
function isThere(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
