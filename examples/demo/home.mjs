// @ts-check
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of the demo's own: what it makes and records stays apart from what belongs to whoever runs it. */
export const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), 'hoopctl-demo-')))
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }))
// So that the line above runs.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

/**
 * Makes the environment of one machine: the variables that a client's configuration would hand on, and a HOOPCTL_HOME.
 * @param {string} name
 * @returns {Readonly<Record<string, string>>}
 */
export function machine(name) {
  return {
    HOME: process.env['HOME'] ?? tmpdir(),
    PATH: '/usr/bin:/bin',
    HOOPCTL_HOME: join(FOLDER, name),
    SSH_CONNECTION: 'demo', // as over SSH no browser is opened: the demo answers in its place
  }
}
