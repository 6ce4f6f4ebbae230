import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'vitest'
import { checkStoredToken } from '../../src/identity/stored-token.ts'
import { verifySession } from './verify-one.ts'

/** Where the script is. */
export const SCRIPT = join(import.meta.dirname, '../../scripts/verify-session.py')

/** Runs the script. */
export function python(...args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync('python3', [SCRIPT, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { stdout, stderr, status }
}

/** What the script says of files by `--json`: the members that `sessions verify --json` has, but for the words of the problem. */
export function byPython(paths: readonly string[], devices: readonly string[] = []) {
  const { stdout, stderr, status } = python(
    '--json',
    ...devices.flatMap((key) => ['--device', key]),
    ...paths,
  )
  const said = stdout.split('\n').slice(0, -1)
  const outcomes = said.map((line): object => ({ ...JSON.parse(line), problem: undefined }))
  return { outcomes, stderr, status }
}

/** What we say of a file: with devices that are known, or without any to compare with. */
export function byUs(path: string, devices: readonly string[] = []) {
  const known = { isKnown: (device: string) => devices.length === 0 || devices.includes(device) }
  const { note: _, ...said } = verifySession(path, known, checkStoredToken)
  return { ...said, deviceKnown: devices.length === 0 ? null : said.deviceKnown, problem: undefined }
}

/** What both say of files, which is the same. */
export function bothSay(paths: readonly string[]) {
  const ours = paths.map((path) => byUs(path))
  const status = ours.every(({ ok }) => ok) ? 0 : 7
  expect(byPython(paths)).toEqual({ outcomes: ours, stderr: '', status })
  return ours
}
