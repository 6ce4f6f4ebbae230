import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../audit/clock.ts'
import { loadDeviceKey } from '../audit/device-key.ts'
import { RenewableLog } from '../audit/renewable-log.ts'
import { openSessionLog, type SessionLog } from '../audit/session-log.ts'
import { HoopctlError } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import { localAuthority } from '../shim/authority.ts'
import type { Child } from '../shim/child.ts'
import { commandDigest } from '../shim/command-digest.ts'
import { runSession } from '../shim/run-session.ts'
import { runUnrecorded } from '../shim/run-unrecorded.ts'
import { pinsOf } from '../state/pins.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'
import { osSubject } from './os-subject.ts'
import type { Target } from './wrap-target.ts'

/** A server that is starting, and the policy that says so. */
export interface Started {
  readonly policy: Policy
  readonly target: Target
  /** null where its command does not exist. */
  readonly child: Child | null
}

/** Opens the log and carries one session's messages; returns the exit code. Throws FILE_MODE and DEVICE_KEY. */
export async function carrySession(started: Started, context: Context): Promise<number> {
  const { policy, target, child } = started
  const { name, label, command, server } = target
  const say = (line: string) => context.stderr.write(`hoopctl: ${visible(line)}\n`)
  const client = { stdin: context.stdin, stdout: context.stdout }
  const log = openLog(target, policy, context)
  if (log instanceof HoopctlError) {
    child?.kill()
    if (log.code !== 'STATE_UNWRITABLE') throw log
    // A person may mend this while the client runs, so it is told to the client as well.
    const why = `this session cannot be recorded, so nothing is sent: ${log.message}: ${log.hint}`
    say(why)
    return runUnrecorded(client, policy.limits.messageBytes, label, why)
  }
  announce(label, policy, say, context)
  const identity = JSON.stringify([name, command.file, command.args])
  const pins = pinsOf(context.directories().state, identity, name ?? command.file ?? label)
  const shown = context.stderr.isTTY === true ? visible : (line: string) => line
  try {
    return await runSession({
      authority: localAuthority(policy, name, osSubject(userInfo().username), context.now()),
      server: { name, label, caseSensitiveArguments: server?.caseSensitiveArguments ?? false },
      command,
      child,
      log: new RenewableLog(log, () => openLogOrThrow(target, policy, context)),
      pins,
      client,
      now: context.now,
      say,
      passStderr: (line) => context.stderr.write(`[${label}] ${shown(line)}\n`),
      onSignal: context.onSignal,
    })
  } finally {
    pins.close()
  }
}

function announce(label: string, policy: Policy, say: (line: string) => void, { stdin }: Context): void {
  say(`${label}: the policy ${policy.name} (${policy.path}) is local and unsigned; it holds as it is now`)
  if (stdin.isTTY !== true) return
  say('waiting for an MCP client: put this command into the configuration of one; Ctrl-C ends it')
}

function openLog(target: Target, policy: Policy, context: Context): SessionLog | HoopctlError {
  try {
    return openLogOrThrow(target, policy, context)
  } catch (failure) {
    if (failure instanceof HoopctlError) return failure
    throw failure
  }
}

// Throws STATE_UNWRITABLE, FILE_MODE and DEVICE_KEY.
function openLogOrThrow(
  { name, label, command, digest }: Target,
  policy: Policy,
  context: Context,
): SessionLog {
  const { state, cache } = context.directories()
  const { file, args } = command
  const sha256 = digest ?? (file === null ? null : commandDigest(file, join(cache, 'commands')))
  const server = { name, command: [file ?? label, ...args], sha256 }
  const header = { hoopctl: context.version, host: hostname(), osUser: userInfo().username, server }
  const directory = join(state, 'sessions')
  return openSessionLog({
    directory,
    device: loadDeviceKey(state),
    header,
    audit: policy.audit,
    clock: systemClock(),
  })
}
