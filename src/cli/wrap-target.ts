import { basename } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { didYouMean } from '../policy/near-miss.ts'
import type { Server } from '../policy/policy.ts'
import { checkDigest, type Command, givenCommand, namedCommand } from '../shim/command.ts'
import type { Context } from './context.ts'

/** What was asked for on the command line of `wrap`. */
export interface WrapOptions {
  /** What stands before `--`: the name of a server of the policy. */
  readonly names: readonly string[]
  /** What stands behind `--`; null where there is no `--`. */
  readonly command: readonly string[] | null
  readonly policy: string | undefined
  readonly server: string | undefined
  /** The `session` grants that are to start; empty: all that the subject may have. */
  readonly grants: readonly string[]
  /** Their reason. */
  readonly reason: string | undefined
}

/** What is wrapped: a server of the policy, or a command that it does not name. */
export interface Target {
  /** The name whose rules hold; null where only rules without a server do. */
  readonly name: string | null
  /** What people read: the name, else the command's last segment. */
  readonly label: string
  readonly server: Server | null
  readonly command: Command
  /** SHA-256 of the command's file where the policy pins it, else null. */
  readonly digest: string | null
}

type Servers = ReadonlyMap<string, Server>

/** Chooses what is wrapped. Throws USAGE, UNKNOWN_SERVER or DIGEST_MISMATCH where nothing is. */
export async function chooseTarget(
  options: WrapOptions,
  servers: Servers,
  context: Context,
): Promise<Target> {
  const target =
    options.command === null ? named(options, servers, context) : given(options, servers, context)
  return { ...target, digest: await pinnedDigest(target) }
}

function named(
  { names, server }: WrapOptions,
  servers: Servers,
  { env, workingDirectory }: Context,
): Omit<Target, 'digest'> {
  const [name, ...others] = names
  if (name === undefined)
    throw usage('there is nothing to wrap: give the name of a server, or `--` and a command')
  if (others.length > 0)
    throw usage(`\`${others.join(' ')}\` is one name too many; a command stands behind \`--\``)
  if (server !== undefined) throw usage('`--server` goes with `-- COMMAND`')
  const entry = find(name, servers)
  if (entry.run === null) {
    const hint = `run: hoopctl wrap --server ${name} -- COMMAND`
    throw new HoopctlError('USAGE', `the server \`${name}\` has no \`run\`: its entry holds rules only`, {
      hint,
    })
  }
  return { name, label: name, server: entry, command: namedCommand(entry.run, env, workingDirectory) }
}

function given(
  options: WrapOptions,
  servers: Servers,
  { env, workingDirectory }: Context,
): Omit<Target, 'digest'> {
  const words = options.command ?? []
  if (options.names.length > 0) throw usage('give the name of a server, or `--` and a command, not both')
  if (words[0] === undefined) throw usage('there is no command behind `--`')
  const entry = options.server === undefined ? null : find(options.server, servers)
  const label = entry?.name ?? basename(words[0])
  return {
    name: entry?.name ?? null,
    label,
    server: entry,
    command: givenCommand(words, env, workingDirectory),
  }
}

// Before the server starts, its file is read anew: what was kept of an earlier start could be another program's word.
async function pinnedDigest({ server, command }: Omit<Target, 'digest'>): Promise<string | null> {
  const run = server?.run ?? null
  // What stands behind `--` is not what the entry pins.
  if (run === null || run.sha256 === null || !command.named || command.file === null) return null
  const { digestOf } = await import('../shim/command-digest.ts')
  const digest = digestOf(command.file)
  checkDigest(run, command.file, digest ?? 'unreadable')
  return digest
}

function find(name: string, servers: Servers): Server {
  const server = servers.get(name)
  if (server !== undefined) return server
  const message = `there is no server \`${name}\` in this policy${didYouMean(name, servers.keys())}`
  const known = [...servers.keys()].join(', ')
  throw new HoopctlError('UNKNOWN_SERVER', message, {
    hint: known === '' ? 'it names none' : `it names: ${known}`,
  })
}

function usage(message: string): HoopctlError {
  return new HoopctlError('USAGE', message, { hint: 'see: hoopctl wrap --help' })
}
