import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../audit/clock.ts'
import { loadDeviceKey } from '../audit/device-key.ts'
import { openSessionLog, type SessionLog } from '../audit/session-log.ts'
import { HoopctlError } from '../errors.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Policy } from '../policy/policy.ts'
import { type Child, startChild } from '../shim/child.ts'
import { runSession } from '../shim/run-session.ts'
import { runUnrecorded } from '../shim/run-unrecorded.ts'
import { pinsOf } from '../state/pins.ts'
import { visible } from '../visible.ts'
import { choosePolicy } from './choose-policy.ts'
import type { Context } from './context.ts'
import { osSubject } from './os-subject.ts'
import { chooseTarget, type Target, type WrapOptions } from './wrap-target.ts'

/** A server that was started, and the policy that says so. */
interface Started {
  readonly policy: Policy
  readonly target: Target
  readonly child: Child | null
}

/** Wraps one server and returns the exit code. Throws HoopctlErrors for what only an edit of a file mends. */
export async function runWrap(options: WrapOptions, context: Context): Promise<number> {
  const { policy, target, child } = await start(options, context)
  const say = (line: string) => context.stderr.write(`hoopctl: ${visible(line)}\n`)
  say(
    `${target.label}: the policy ${policy.name} (${policy.path}) is local and unsigned; it holds as it is now`,
  )
  const client = { stdin: context.stdin, stdout: context.stdout }
  const log = openLog(target, policy, context)
  if (log instanceof HoopctlError) {
    child?.kill()
    const why = `this session cannot be recorded, so nothing is sent: ${log.message}: ${log.hint}`
    say(why)
    return runUnrecorded(client, policy.limits.messageBytes, target.label, why)
  }
  const { name, label, command, server } = target
  const identity = JSON.stringify([name, command.file, command.args])
  const pins = pinsOf(context.directories().state, identity, name ?? command.file ?? label)
  const shown = context.stderr.isTTY === true ? visible : (line: string) => line
  try {
    return await runSession({
      policy,
      subject: osSubject(userInfo().username),
      server: { name, label, caseSensitiveArguments: server?.caseSensitiveArguments ?? false },
      command,
      child,
      log,
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

// The server starts while the rest of the policy is compiled: each takes about as long as the other. It is sent nothing
// before the policy is known to be sound, and ends at once where it is not (docs/decisions/0003-start-early.md).
async function start(options: WrapOptions, context: Context): Promise<Started> {
  const path = await choosePolicy(options.policy, context)
  let early: { readonly target: Target; readonly child: Child | null } | HoopctlError | undefined
  const refuse = (failure: unknown) => {
    if (early !== undefined && !(early instanceof HoopctlError)) early.child?.kill()
    throw failure
  }
  const policy = await loadPolicy(path, context.now(), (servers) => {
    const target = chooseTarget(options, servers, context)
    early = target instanceof HoopctlError ? target : { target, child: startChild(target.command) }
  }).catch(refuse)
  if (early === undefined) throw new Error('a policy was loaded whose servers were never told')
  if (early instanceof HoopctlError) throw early
  return { policy, ...early }
}

// A log that cannot be opened is for a person to mend while the client runs, so it is told to the client as well.
function openLog(
  { name, label, command, digest }: Target,
  policy: Policy,
  context: Context,
): SessionLog | HoopctlError {
  const { state } = context.directories()
  const server = { name, command: [command.file ?? label, ...command.args], sha256: digest }
  const header = { hoopctl: context.version, host: hostname(), osUser: userInfo().username, server }
  const directory = join(state, 'sessions')
  try {
    return openSessionLog({
      directory,
      device: loadDeviceKey(state),
      header,
      audit: policy.audit,
      clock: systemClock(),
    })
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'STATE_UNWRITABLE') return failure
    throw failure
  }
}
