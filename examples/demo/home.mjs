// @ts-check
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A folder of the demo's own: what it makes and records stays apart from what belongs to whoever runs it. */
export const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), 'hoopctl-demo-')))
process.once('exit', () => rmSync(FOLDER, { recursive: true, force: true }))
// So that the line above runs.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

/** Waits until what hoopctl's sessions left to processes of their own, such as uploads, is over: they would find no folder. */
export async function untilUnused() {
  for (let turn = 0; turn < 300 && isUsed(); turn += 1) await setTimeout(100)
}

function isUsed() {
  if (!existsSync('/proc/self/environ')) return false // no Linux: nobody can say
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(FOLDER)
    } catch {
      return false // it ended, or is somebody else's
    }
  })
}

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
