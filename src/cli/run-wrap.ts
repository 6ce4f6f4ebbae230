import { hostname, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import { systemClock } from '../audit/clock.ts'
import { loadDeviceKey } from '../audit/device-key.ts'
import { openSessionLog, type SessionLog } from '../audit/session-log.ts'
import { HoopctlError } from '../errors.ts'
import { loadPolicy } from '../policy/load.ts'
import { didYouMean } from '../policy/near-miss.ts'
import type { Policy, Server } from '../policy/policy.ts'
import { checkDigest, type Command, givenCommand, namedCommand } from '../shim/command.ts'
import { commandDigest } from '../shim/command-digest.ts'
import { runSession } from '../shim/run-session.ts'
import { runUnrecorded } from '../shim/run-unrecorded.ts'
import { pinsOf } from '../state/pins.ts'
import { visible } from '../visible.ts'
import { choosePolicy } from './choose-policy.ts'
import type { Context } from './context.ts'
import { osSubject } from './os-subject.ts'

interface RunOptions {
  readonly names: readonly string[]
  readonly command: readonly string[] | null
  readonly policy: string | undefined
  readonly server: string | undefined
}

/** What is wrapped: a server of the policy, or a command that it does not name. */
interface Target {
  /** The name whose rules hold; null where only rules without a server do. */
  readonly name: string | null
  readonly label: string
  readonly server: Server | null
  readonly command: Command
}

/** Wraps one server and returns the exit code. Throws HoopctlErrors for what only an edit of a file mends. */
export async function runWrap(options: RunOptions, context: Context): Promise<number> {
  const path = await choosePolicy(options.policy, context)
  const policy = await loadPolicy(path, context.now())
  const target = chooseTarget(options, policy, context)
  const digest = digestOf(target, context)
  const say = (line: string) => context.stderr.write(`hoopctl: ${visible(line)}\n`)
  say(
    `${target.label}: policy ${policy.name} (${policy.path}) is local and unsigned; it was read now and holds until the end`,
  )
  const subject = osSubject(userInfo().username)
  const client = { stdin: context.stdin, stdout: context.stdout }
  const log = openLog(target, digest, policy, context)
  if (log instanceof HoopctlError) {
    say(`${log.message}: ${log.hint}`)
    return runUnrecorded(
      client,
      policy.limits.messageBytes,
      target.label,
      `this session cannot be recorded, so nothing is sent: ${log.message} (${log.hint})`,
    )
  }
  const { state } = context.directories()
  const identity = JSON.stringify([target.name, target.command.file, target.command.args])
  const pins = pinsOf(state, identity, target.name ?? target.command.file ?? target.label)
  const shown = context.stderr.isTTY === true ? visible : (line: string) => line
  try {
    return await runSession({
      policy,
      subject,
      server: {
        name: target.name,
        label: target.label,
        caseSensitiveArguments: target.server?.caseSensitiveArguments ?? false,
      },
      command: target.command,
      log,
      pins,
      client,
      now: context.now,
      say,
      passStderr: (line) => context.stderr.write(`[${target.label}] ${shown(line)}\n`),
      onSignal: context.onSignal,
    })
  } finally {
    pins.close()
  }
}

function chooseTarget({ names, command, server }: RunOptions, policy: Policy, context: Context): Target {
  const { env, workingDirectory } = context
  if (command === null) {
    const [name, ...others] = names
    if (name === undefined || others.length > 0 || server !== undefined)
      throw usage('give the name of one server')
    const named = serverOf(policy, name)
    if (named.run === null) {
      const hint = `run: hoopctl wrap --server ${name} -- COMMAND`
      throw new HoopctlError('USAGE', `the server \`${name}\` has no \`run\`: its entry holds rules only`, {
        hint,
      })
    }
    return { name, label: name, server: named, command: namedCommand(named.run, env, workingDirectory) }
  }
  if (names.length > 0 || command.length === 0) throw usage('give a server’s name, or a command behind `--`')
  const named = server === undefined ? null : serverOf(policy, server)
  const label = server ?? basename(command[0] ?? '')
  return {
    name: named?.name ?? null,
    label,
    server: named,
    command: givenCommand(command, env, workingDirectory),
  }
}

function serverOf(policy: Policy, name: string): Server {
  const server = policy.servers.get(name)
  if (server !== undefined) return server
  const message = `there is no server \`${name}\` in this policy${didYouMean(name, policy.servers.keys())}`
  const known = [...policy.servers.keys()].join(', ')
  throw new HoopctlError('UNKNOWN_SERVER', message, {
    hint: known === '' ? 'it names none' : `it names: ${known}`,
  })
}

function usage(message: string): HoopctlError {
  return new HoopctlError('USAGE', message, { hint: 'see: hoopctl wrap --help' })
}

function digestOf({ server, command }: Target, context: Context): string | null {
  if (command.file === null) return null
  const pinned = server?.run != null && server.run.sha256 !== null
  const cache = join(context.directories().cache, 'commands')
  const digest = commandDigest(command.file, cache, pinned)
  if (server?.run != null) checkDigest(server.run, command.file, digest ?? 'unreadable')
  return digest
}

// A log that cannot be opened is for a person to mend while the client runs, so it is told to the client as well.
function openLog(
  target: Target,
  digest: string | null,
  policy: Policy,
  context: Context,
): SessionLog | HoopctlError {
  const { state } = context.directories()
  const { file, args } = target.command
  const server = { name: target.name, command: [file ?? target.label, ...args], sha256: digest }
  const header = { hoopctl: context.version, host: hostname(), osUser: userInfo().username, server }
  try {
    const device = loadDeviceKey(state)
    return openSessionLog({
      directory: join(state, 'sessions'),
      device,
      header,
      audit: policy.audit,
      clock: systemClock(),
    })
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'STATE_UNWRITABLE') return failure
    throw failure
  }
}
