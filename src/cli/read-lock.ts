import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '../audit/disk-failure.ts'
import { HoopctlError } from '../errors.ts'
import { codeOf } from '../system-code.ts'
import { readManagedFile } from '../policy/settings-file.ts'
import { sourceOf } from '../remote/policy-place.ts'
import type { ManagedLock } from './managed-lock.ts'
import { policySource } from './policy-source.ts'

const MAX_BYTES = 64 * 1024
const ROOT = 0

/**
 * Reads the lock of this machine. Throws MANAGED_LOCK where it cannot be read or understood, and where anybody but root
 * could have written it: then nothing may go on as if there were none.
 */
export function readLock(path: string): ManagedLock {
  refuseForeignPath(path)
  const { settings, problems } = readManagedFile(readTrusted(path), path)
  const [problem] = problems
  if (settings === null || problem !== undefined) {
    const where = `${path}:${problem?.line ?? 1}:${problem?.column ?? 1}`
    throw refused(`${where}: ${problem?.message ?? 'this cannot be read'}`)
  }
  try {
    sourceOf(settings.policy.url)
  } catch (failure) {
    throw refused(
      `\`policy.url\` in \`${path}\`: ${failure instanceof Error ? failure.message : 'no URL'}`,
      failure,
    )
  }
  return {
    path,
    policy: policySource(settings.policy),
    issuer: settings.identity?.issuer ?? null,
    clientId: settings.identity?.clientId ?? null,
    home: settings.home ?? null,
  }
}

// Whoever may write a folder above the file may put another file in its place; and whoever may write a folder that a link
// on the way leads through, so there are none.
function refuseForeignPath(path: string): void {
  for (let each = path; ; each = dirname(each)) {
    refuseForeign(each, statsOf(each))
    if (each === dirname(each)) return
  }
}

function refuseForeign(path: string, stats: Stats): void {
  if (stats.uid !== ROOT) {
    throw refused(`\`${path}\` does not belong to root, so whoever owns it could change what is fixed`)
  }
  if (stats.isSymbolicLink()) throw refused(`\`${path}\` is a link: put the file itself there`)
  if ((stats.mode & 0o022) === 0) return
  throw refused(`others than root may write \`${path}\`, so anybody could change what it fixes`)
}

function readTrusted(path: string): Uint8Array {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // a FIFO must not wait for a writer
  } catch (cause) {
    throw refused(`\`${path}\` is there and cannot be read: ${reasonOf(cause)}`, cause)
  }
  try {
    const stats = fstatSync(file)
    refuseForeign(path, stats) // of the file that was opened, whatever was looked at before
    if (!stats.isFile()) throw refused(`\`${path}\` is not a regular file`)
    if (stats.size > MAX_BYTES) throw refused(`\`${path}\` is larger than 64 KiB`)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

function statsOf(path: string): Stats {
  try {
    return lstatSync(path)
  } catch (cause) {
    throw refused(`\`${path}\` cannot be looked at (${codeOf(cause)})`, cause)
  }
}

function refused(message: string, cause?: unknown): HoopctlError {
  const hint = 'ask whoever manages this machine: while it stands so, nothing is allowed'
  return new HoopctlError('MANAGED_LOCK', message, { hint, cause })
}
