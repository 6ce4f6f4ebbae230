import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { visible } from '../visible.ts'
import type { RegexEngine } from './cel-environment.ts'
import type { ConditionCompiler } from './compile-condition.ts'
import type { Policy } from './policy.ts'
import { PolicyError, type Problem } from './problem.ts'
import { type Early, readTelling } from './read-telling.ts'
import { decodeSource } from './source-text.ts'

/** What came of a policy file: the policy where no problem is an error, and all problems in the order of the file. */
export interface ParsedPolicy {
  readonly policy: Policy | null
  readonly problems: readonly Problem[]
}

/** Remembers which policies were found sound, by the digest of their bytes. */
export interface SoundPolicies {
  readonly has: (digest: string) => boolean
  readonly add: (digest: string) => void
}

/** What a policy is loaded with beside its path and the time. */
export interface LoadOptions {
  readonly early?: Early
  /** The conditions of a policy that is among these are compiled when they are first judged. */
  readonly sound?: SoundPolicies
}

interface ParseOptions extends LoadOptions {
  /** A policy that has expired by then is an error; absent: `expires` is read and not looked at. */
  readonly now?: Date
  /** The bytes are what a verified signature is about. */
  readonly signed?: boolean
}

const MAX_POLICY_BYTES = 4 * 1024 ** 2

/**
 * Reads a policy for use. Throws POLICY_UNREADABLE, FILE_MODE where others may write the file, and a PolicyError with
 * every error that the file holds; that it has expired at `now` is one.
 */
export async function loadPolicy(path: string, now: Date, options: LoadOptions = {}): Promise<Policy> {
  const { policy, problems } = await parsePolicy(readPolicyFile(path), path, { ...options, now })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (policy === null || errors.length > 0) throw new PolicyError(errors, path)
  options.sound?.add(policy.digest)
  return policy
}

/** Reads a policy's bytes: a regular file of at most 4 MiB that only its owner can write. */
export function readPolicyFile(path: string): Uint8Array {
  let file: number
  try {
    // O_NONBLOCK: opening a FIFO must not wait for a writer. Not asynchronous: at a start each wait costs more than the read.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw unreadable(path, cause)
  }
  try {
    return readChecked(file, path)
  } finally {
    closeSync(file)
  }
}

/**
 * Parses and compiles a policy; the time comes in as an option. Asynchronous only because CEL, and the engine for
 * `matches()` where a policy holds that word, are loaded when they are needed.
 */
export async function parsePolicy(
  source: Uint8Array,
  path: string,
  { now, signed = false, early, sound }: ParseOptions = {},
): Promise<ParsedPolicy> {
  const decoded = decodeSource(source, path)
  if (decoded.problem !== null) return { policy: null, problems: [decoded.problem] }
  const sections = await readTelling(source, decoded.source, { now: now ?? null, signed, early })
  if ('problems' in sections) return { policy: null, problems: sections.problems }
  const { file, servers, expires, list } = sections
  // Dear to load (CEL, cryptography), and not needed before.
  const { LaterCompiler } = await import('./later-condition.ts')
  const { compilePolicy } = await import('./compile-policy.ts')
  const { sha256 } = await import('../digest.ts')
  const isSound = sound?.has(sha256(source)) ?? false
  const load = () => loadCompiler(decoded.source.text.includes('matches'))
  const later = isSound ? new LaterCompiler(load) : null
  const ready = later?.ready ?? null
  const facts = { path, bytes: source, servers, expires, signed, sound: isSound, ready }
  const policy = compilePolicy(file, facts, later ?? (await load()), list)
  const all = list.sorted()
  return { policy: all.some(({ severity }) => severity === 'error') ? null : policy, problems: all }
}

function readChecked(file: number, path: string): Uint8Array {
  const status = fstatSync(file)
  if (!status.isFile()) throw unreadable(path, null, 'it is not a regular file')
  if ((status.mode & 0o022) !== 0) {
    const message = `others may write the policy \`${visible(path)}\`, so anyone could change what is allowed`
    throw new HoopctlError('FILE_MODE', message, { hint: `run: chmod go-w ${shellQuoted(path)}` })
  }
  refuseForeign(path, status.uid)
  if (status.size > MAX_POLICY_BYTES) throw unreadable(path, null, 'it is larger than 4 MiB')
  // One byte more than it should have: a file that grows meanwhile is read in part, and then not at all.
  const buffer = Buffer.alloc(status.size + 1)
  let length = 0
  for (;;) {
    const read = readSync(file, buffer, length, buffer.length - length, null)
    length += read
    if (read === 0) return buffer.subarray(0, length)
    if (length > status.size) throw unreadable(path, null, 'it was written to meanwhile')
  }
}

// Whoever owns the file, or may put another one in its place, decides what is allowed.
function refuseForeign(path: string, owner: number): void {
  const { uid: self } = userInfo()
  if (owner !== self && owner !== 0) {
    const message = `the policy \`${visible(path)}\` belongs to another user, who can change what is allowed`
    throw new HoopctlError('FILE_MODE', message, {
      hint: `if it is yours to keep, run: sudo chown $USER ${shellQuoted(path)}`,
    })
  }
  const directory = dirname(realpathSync(path))
  const { mode, uid } = statSync(directory)
  const writable = (mode & 0o022) !== 0 && (mode & 0o1000) === 0
  if (!writable && (uid === self || uid === 0)) return
  const message = `others may put another file in the place of the policy \`${visible(path)}\``
  throw new HoopctlError('FILE_MODE', message, {
    hint: `run: chmod go-w ${shellQuoted(directory)}, or keep it elsewhere`,
  })
}

function unreadable(path: string, cause: unknown, why?: string): HoopctlError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : ''
  const reason = why ?? REASONS[code] ?? code.toLowerCase()
  const look = `look at it with: ls -ld ${shellQuoted(path)}`
  const hint = code === 'ENOENT' ? 'write one with: hoopctl policy init -- COMMAND' : look
  return new HoopctlError('POLICY_UNREADABLE', `the policy \`${visible(path)}\` cannot be read: ${reason}`, {
    hint,
    cause,
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'its symbolic links run in a circle',
}

function shellQuoted(path: string): string {
  return /^[A-Za-z0-9_./-]+$/u.test(path) ? path : `'${visible(path).replaceAll("'", `'\\''`)}'`
}

async function loadCompiler(matches: boolean): Promise<ConditionCompiler> {
  const { ConditionCompiler } = await import('./compile-condition.ts')
  return new ConditionCompiler(matches ? await loadRegexEngine() : null)
}

async function loadRegexEngine(): Promise<RegexEngine> {
  const { RE2JS } = await import('re2js')
  return (pattern) => {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matcher(text).find()
  }
}
