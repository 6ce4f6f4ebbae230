import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import { HoopctlError } from '../errors.ts'
import type { Run } from '../policy/policy.ts'

/** How a server is started, with its command resolved to a file. */
export interface Command {
  /** Absolute path of an executable file; null where there is none, and then `failure` says so. */
  readonly file: string | null
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Does the policy say how to run it, or did whoever called hoopctl? */
  readonly named: boolean
  readonly failure: string | null
}

type Environment = Readonly<Record<string, string | undefined>>

// What the MCP SDKs pass on to a server. A client that starts hoopctl passes on no more.
const SHORT_LIST = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER']

// Where a bare command is looked for unless the policy says `run.path`: never in the client's PATH, which anybody sets.
const STANDARD_PATH = [
  '/usr/local/bin',
  '/usr/bin',
  '/bin',
  '/opt/homebrew/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
]

/** Resolves a server that the policy names. */
export function namedCommand(run: Run, env: Environment, workingDirectory: string): Command {
  const passed = pick(env, [...SHORT_LIST, ...run.passEnv])
  const path = run.path === null ? {} : { PATH: run.path.join(delimiter) }
  const cwd = run.cwd ?? workingDirectory
  const found = isDirectory(cwd)
    ? find(run)
    : { file: null, failure: `there is no directory \`${cwd}\` (run.cwd)` }
  return { ...found, args: run.args, env: { ...passed, ...path, ...run.env }, cwd, named: true }
}

function find({ command, path }: Run): Pick<Command, 'file' | 'failure'> {
  const directories = path ?? STANDARD_PATH
  const file = isAbsolute(command) ? executable(command) : lookUp(command, directories)
  const searched = ` in ${directories.join(', ')} (set \`run.path\`, or give an absolute path)`
  const failure = `there is no executable \`${command}\`${isAbsolute(command) ? '' : searched}`
  return file === null ? { file, failure } : { file, failure: null }
}

/** Resolves the command behind `--`: the client's entry decided it, so the client's PATH and variables hold. */
export function givenCommand(words: readonly string[], env: Environment, workingDirectory: string): Command {
  const [name = '', ...args] = words
  const directories = (env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  const path = directories.map((directory) => resolve(workingDirectory, directory))
  const file = name.includes('/') ? executable(resolve(workingDirectory, name)) : lookUp(name, path)
  const where = name.includes('/') ? '' : ' in PATH'
  const others = Object.keys(env).filter((variable) => !variable.startsWith('HOOPCTL_'))
  return {
    file,
    args,
    env: pick(env, others),
    cwd: workingDirectory,
    named: false,
    failure: file === null ? `there is no executable \`${name}\`${where}` : null,
  }
}

/** Throws DIGEST_MISMATCH where the policy pins the command's file to another digest than it has. */
export function checkDigest(run: Run, file: string, digest: string): void {
  if (run.sha256 === null || run.sha256 === digest) return
  const hint = 'if the change is wanted, put the new digest into `run.sha256` of the policy'
  throw new HoopctlError(
    'DIGEST_MISMATCH',
    `\`${file}\` has the digest ${digest}, not the one in the policy`,
    { hint },
  )
}

function pick(env: Environment, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name of names) {
    const value = env[name]
    // A value that begins so is a shell function, which some shells would run: the SDKs leave it out as well.
    if (value !== undefined && !value.startsWith('()')) picked[name] = value
  }
  return picked
}

function lookUp(name: string, directories: readonly string[]): string | null {
  for (const directory of directories) {
    const found = executable(join(directory, name))
    if (found !== null) return found
  }
  return null
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false // absent, or behind a file: the caller names it
  }
}

function executable(path: string): string | null {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile() ? path : null
  } catch {
    return null // absent, or not ours to run: the caller says which command it looked for
  }
}
