import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { visible } from '../visible.ts'
import type { RegexEngine } from './cel-environment.ts'
import { compileMetadata, compileServers } from './compile-settings.ts'
import { datesIn } from './misplaced.ts'
import type { Policy, Server } from './policy.ts'
import { PolicyError, type Problem } from './problem.ts'
import { ProblemList } from './problem-list.ts'
import { PolicyFile } from './schema.ts'
import { checkShape } from './shape-fault.ts'
import { decodeSource } from './source-text.ts'
import { parseYaml } from './yaml.ts'
import { nodeAt, plainValue } from './yaml-node.ts'

/** What came of a policy file: the policy where no problem is an error, and all problems in the order of the file. */
export interface ParsedPolicy {
  readonly policy: Policy | null
  readonly problems: readonly Problem[]
}

/**
 * Is told the servers as soon as they and the policy's metadata are known to be sound, before the rules are compiled: starting a server and
 * compiling hundreds of conditions take about as long, and can be done side by side. The policy may still be refused.
 */
export type Early = (servers: ReadonlyMap<string, Server>, expires: Date | null) => Promise<void> | void

const MAX_POLICY_BYTES = 4 * 1024 ** 2

/**
 * Reads a policy for use. Throws POLICY_UNREADABLE, FILE_MODE where others may write the file, and a PolicyError with
 * every error that the file holds, or when the policy has expired at `now`.
 * @param early see `Early`
 */
export async function loadPolicy(path: string, now: Date, early: Early = () => undefined): Promise<Policy> {
  const expired = (expires: Date | null): boolean => expires !== null && expires <= now
  // Nothing is started for a policy that time has already ended.
  const unlessExpired: Early = (servers, expires) => (expired(expires) ? undefined : early(servers, expires))
  const { policy, problems } = await parsePolicy(await readPolicyFile(path), path, unlessExpired)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (policy === null || errors.length > 0) throw new PolicyError(errors, path)
  if (expired(policy.expires)) {
    const message = `this policy expired at ${policy.expires?.toISOString() ?? ''}`
    const hint = 'ask for a newer one, or mend `metadata.expires`'
    throw new HoopctlError('POLICY_INVALID', `${visible(path)}: ${message}`, { hint })
  }
  return policy
}

/** Reads a policy's bytes: a regular file of at most 4 MiB that only its owner can write. */
export async function readPolicyFile(path: string): Promise<Uint8Array> {
  let file: FileHandle
  try {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw unreadable(path, cause)
  }
  try {
    return await readChecked(file, path)
  } finally {
    await file.close()
  }
}

/**
 * Parses and compiles a policy, without looking at the clock. Asynchronous only because CEL, and the engine for
 * `matches()` where a policy holds that word, are loaded when they are needed.
 */
export async function parsePolicy(
  source: Uint8Array,
  path: string,
  early: Early = () => undefined,
): Promise<ParsedPolicy> {
  const decoded = decodeSource(source, path)
  if (decoded.problem !== null) return { policy: null, problems: [decoded.problem] }
  const { root, problems } = parseYaml(decoded.source)
  if (root === null) return { policy: null, problems }
  const shape = checkShape(PolicyFile, root, plainValue(root), decoded.source)
  const expires = nodeAt(root, ['metadata', 'expires'])
  const found = [...shape.problems, ...datesIn(root, (node) => node === expires, decoded.source)]
  if (shape.output === null || found.length > 0) return { policy: null, problems: inOrder(found) }
  const list = new ProblemList(decoded.source, root)
  const ends = compileMetadata(shape.output, list)
  const servers = compileServers(shape.output, list)
  if (shape.output.audit?.retain !== undefined) {
    const retain = list.offset(['audit', 'retain'])
    list.warn(retain, '`retain` is read, but this version deletes no session', 'delete old ones yourself')
  }
  if (!list.hasErrors) await early(servers, ends)
  // Dear to load (CEL, cryptography), and not needed before.
  const { ConditionCompiler } = await import('./compile-condition.ts')
  const { compilePolicy } = await import('./compile-policy.ts')
  const regex = decoded.source.text.includes('matches') ? await loadRegexEngine() : null
  const policy = compilePolicy(
    shape.output,
    { path, bytes: source, servers, expires: ends },
    new ConditionCompiler(regex),
    list,
  )
  const all = list.sorted()
  return { policy: all.some(({ severity }) => severity === 'error') ? null : policy, problems: all }
}

async function readChecked(file: FileHandle, path: string): Promise<Uint8Array> {
  const status = await file.stat()
  if (!status.isFile()) throw unreadable(path, null, 'it is not a regular file')
  if ((status.mode & 0o022) !== 0) {
    const message = `others may write the policy \`${visible(path)}\`, so anyone could change what is allowed`
    throw new HoopctlError('FILE_MODE', message, { hint: `run: chmod go-w ${shellQuoted(path)}` })
  }
  await refuseForeign(path, status.uid)
  if (status.size > MAX_POLICY_BYTES) throw unreadable(path, null, 'it is larger than 4 MiB')
  // One byte more than it should have: a file that grows meanwhile is read in part, and then not at all.
  const buffer = Buffer.alloc(status.size + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length)
    length += bytesRead
    if (bytesRead === 0) return buffer.subarray(0, length)
    if (length > status.size) throw unreadable(path, null, 'it was written to meanwhile')
  }
}

// Whoever owns the file, or may put another one in its place, decides what is allowed.
async function refuseForeign(path: string, owner: number): Promise<void> {
  const { uid: self } = userInfo()
  if (owner !== self && owner !== 0) {
    const message = `the policy \`${visible(path)}\` belongs to another user, who can change what is allowed`
    throw new HoopctlError('FILE_MODE', message, {
      hint: `if it is yours to keep, run: sudo chown $USER ${shellQuoted(path)}`,
    })
  }
  const directory = dirname(await realpath(path))
  const { mode, uid } = await stat(directory)
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
  const hint = code === 'ENOENT' ? 'write one with: hoopctl policy init -- COMMAND' : 'look at it with: ls -l'
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

async function loadRegexEngine(): Promise<RegexEngine> {
  const { RE2JS } = await import('re2js')
  return (pattern) => {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matcher(text).find()
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
}
