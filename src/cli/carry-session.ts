import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../audit/clock.ts'
import { type DeviceKey, loadDeviceKey } from '../audit/device-key.ts'
import { RenewableLog } from '../audit/renewable-log.ts'
import { openSessionLog } from '../audit/session-log.ts'
import { sha256 } from '../digest.ts'
import { HoopctlError } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import { commandDigest } from '../shim/command-digest.ts'
import type { PolicyFeed } from '../shim/feeds.ts'
import { runSession } from '../shim/run-session.ts'
import { runUnrecorded } from '../shim/run-unrecorded.ts'
import type { SessionOptions } from '../shim/new-shim.ts'
import type { Shim } from '../shim/shim.ts'
import type { StandInParts } from '../shim/stand-in.ts'
import { pinsOf } from '../state/pins.ts'
import type { SharedState } from '../state/shared-state.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'
import type { Starting } from './early-server.ts'
import { pruneOnceADay } from './prune/background-prune.ts'
import { type OpenedAuthority, openAuthority } from './session-authority.ts'
import { ConfirmedUploads } from './upload/confirmed-uploads.ts'
import { KnownToRun } from './upload/known-to-run.ts'
import { openUploads, type SessionUploads } from './upload/session-uploads.ts'
import type { Target, WrapOptions } from './wrap-target.ts'

/** A server that is starting, and the policy that says so. */
export interface Started extends Starting {
  readonly feed: PolicyFeed
  readonly options: WrapOptions
  /** What processes share, where that is open already. */
  readonly state: SharedState | null
  /** Absent: the client was not answered before. */
  readonly greet?: SessionOptions['greet']
  /** Lets go of what keeps the policy fresh. */
  close(): void
}

/** Opens the log and carries one session's messages; returns the exit code. Throws FILE_MODE and DEVICE_KEY. */
export async function carrySession(started: Started, context: Context): Promise<number> {
  const { feed, target, child } = started
  const { policy } = feed.current()
  const { label, command } = target
  const say = (line: string) => context.stderr.write(`hoopctl: ${visible(line)}\n`)
  const client = { stdin: context.stdin, stdout: context.stdout }
  const recording = openRecording(target, feed, context)
  if (recording instanceof HoopctlError) {
    child?.kill()
    return withoutLog(recording, { client, label, maxBytes: policy.limits.messageBytes }, say)
  }
  announce(label, policy, say, context)
  const parts = await openParts({ started, recording, say }, context)
  try {
    return await runSession({
      ...parts.opened,
      server: serverOf(target, recording),
      command,
      child,
      log: recording.log,
      evidence: parts.uploads.evidence,
      pins: parts.pins,
      client,
      greet: started.greet ?? null,
      now: context.now,
      say,
      passStderr: passStderrOf(label, context),
      onSignal: (ask) => {
        context.onSignal(ask)
        started.heard()
      },
    })
  } finally {
    await parts.close()
  }
}

/** What a session opens beside its log, and lets go of at its end. */
interface Parts {
  readonly opened: OpenedAuthority
  readonly pins: ReturnType<typeof pinsOf>
  readonly uploads: SessionUploads
  close(): Promise<void>
}

interface Recorded {
  readonly started: Started
  readonly recording: Recording
  readonly say: (line: string) => void
}

async function openParts({ started, recording, say }: Recorded, context: Context): Promise<Parts> {
  const { feed, target, child, options, state } = started
  const { label, name } = target
  const { device } = recording
  const run = target.server?.run ?? null
  const wrapped = { policy: feed, label, server: name, run, options, device, state, say }
  const opened = await openAuthority(wrapped, context).catch((failure: unknown) => {
    child?.kill()
    throw failure
  })
  const pins = pinsFor(target, context)
  const { log, confirmed } = recording
  const known = new KnownToRun({ session: log.session, server: label, feed }, context)
  const uploads = await openUploads({ feed, policy: options.policy, log, confirmed, say }, context)
  const close = async () => {
    known.close()
    const uploaded = uploads.close()
    pruneOnceADay(feed.current().policy, options.policy, context)
    await opened.close()
    pins.close()
    await uploaded
  }
  return { opened, pins, uploads, close }
}

function passStderrOf(label: string, { stderr }: Context): (line: string) => void {
  const shown = stderr.isTTY === true ? visible : (line: string) => line
  return (line) => void stderr.write(`[${label}] ${shown(line)}\n`)
}

function serverOf({ name, label, command, server }: Target, recording: Recording): Shim['server'] {
  const { file, args, cwd } = command
  const digests = { sha256: recording.sha256, args: sha256(JSON.stringify(args)) }
  const identity = { name, command: file, ...digests, cwd }
  return { name, label, caseSensitiveArguments: server?.caseSensitiveArguments ?? false, identity }
}

function pinsFor(
  { name, label, command: { file, args } }: Target,
  context: Context,
): ReturnType<typeof pinsOf> {
  const identity = JSON.stringify([name, file, args])
  return pinsOf(context.directories().state, identity, name ?? file ?? label)
}

function announce(label: string, policy: Policy, say: (line: string) => void, { stdin }: Context): void {
  const version = policy.version === null ? '' : ` version ${policy.version}`
  if (policy.signed)
    say(`${label}: the policy ${policy.name}${version} is signed, and comes from ${policy.path}`)
  else
    say(`${label}: the policy ${policy.name} (${policy.path}) is local and unsigned; it holds as it is now`)
  if (stdin.isTTY !== true) return
  say('waiting for an MCP client: put this command into the configuration of one; Ctrl-C ends it')
}

// A person may mend this while the client runs, so it is told to the client as well.
function withoutLog(
  failure: HoopctlError,
  to: Omit<StandInParts, 'why'>,
  say: (line: string) => void,
): Promise<number> {
  if (failure.code !== 'STATE_UNWRITABLE') throw failure
  const why = `this session cannot be recorded, so nothing is sent: ${failure.message}: ${failure.hint}`
  say(why)
  return runUnrecorded({ ...to, why })
}

/** The key of this device, and the log that it signs. */
interface Recording {
  readonly device: DeviceKey
  readonly log: RenewableLog
  readonly confirmed: ConfirmedUploads
  /** Of the command's file; null where it could not be read. */
  readonly sha256: string | null
}

function openRecording(target: Target, feed: PolicyFeed, context: Context): Recording | HoopctlError {
  const { audit } = feed.current().policy
  const confirmed = new ConfirmedUploads(() => feed.current().policy, context)
  const { name, label, command, digest } = target
  const { file, args } = command
  const { state, cache } = context.directories()
  const fileDigest = digest ?? (file === null ? null : commandDigest(file, join(cache, 'commands')))
  const server = { name, command: [file ?? label, ...args], sha256: fileDigest }
  const header = { hoopctl: context.version, host: hostname(), osUser: userInfo().username, server }
  try {
    const device = loadDeviceKey(state)
    const directory = join(state, 'sessions')
    const about = { directory, device, header, audit, confirmations: confirmed }
    const open = () => openSessionLog({ ...about, clock: systemClock() })
    return { device, log: new RenewableLog(open(), open), confirmed, sha256: fileDigest }
  } catch (failure) {
    if (failure instanceof HoopctlError) return failure
    throw failure
  }
}
