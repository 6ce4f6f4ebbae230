// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HOOPCTL, NODE } from './places.mjs'

/** A HOOPCTL_HOME of the demo's own: what it records stays apart from the sessions of who runs it. */
export const HOME = mkdtempSync(join(tmpdir(), 'hoopctl-demo-'))
process.once('exit', () => rmSync(HOME, { recursive: true, force: true }))
process.once('SIGINT', () => process.exit(130)) // so that the line above runs

/**
 * The variables that a client's configuration would hand on, and the demo's home.
 * @type {Readonly<Record<string, string>>}
 */
export const ENVIRONMENT = {
  HOME: process.env['HOME'] ?? tmpdir(),
  PATH: '/usr/bin:/bin',
  HOOPCTL_HOME: HOME,
}

/**
 * Runs one hoopctl command to its end.
 * @param {readonly string[]} words
 * @returns {Promise<{ stdout: string, exitCode: number | null }>}
 */
export async function hoopctl(...words) {
  const child = spawn(NODE, [HOOPCTL, ...words], { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  const chunks = await child.stdout.toArray()
  const [exitCode] = await ended
  return { stdout: Buffer.concat(chunks).toString('utf8'), exitCode }
}
