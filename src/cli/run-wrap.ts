import { realpathSync } from 'node:fs'
import { EXIT_CODES, HoopctlError } from '../errors.ts'
import { loadPolicy, type SoundPolicies } from '../policy/load.ts'
import { filePolicy } from '../shim/local-feeds.ts'
import { visible } from '../visible.ts'
import type { Started } from './carry-session.ts'
import type { NoneYet } from './central/stand-in-until.ts'
import type { Context } from './context.ts'
import { EarlyServer } from './early-server.ts'
import { hasten } from './hasten.ts'
import { policyFor } from './policy-for.ts'
import { soundPolicies } from './sound-policies.ts'
import type { WrapOptions } from './wrap-target.ts'

const UNREACHABLE = 8

/** Wraps a server until it or its client ends. A failure is told in one line: clients show stderr line by line. */
export async function wrap(options: WrapOptions, context: Context): Promise<void> {
  try {
    context.setExitCode(await runWrap(options, context))
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    const { code, message, hint } = failure
    const [first = '', ...others] = message.split('\n')
    const more = others.length === 0 ? '' : ` (and ${others.length} more)`
    context.stderr.write(`hoopctl: ${visible(first)}${more} (${visible(hint)})\n`)
    context.setExitCode(EXIT_CODES[code])
  }
}

// Throws HoopctlErrors for what only an edit of a file mends.
async function runWrap(options: WrapOptions, context: Context): Promise<number> {
  const since = context.now()
  const found = await start({ options, early: true }, context)
  const started = 'why' in found ? await later(found, since, options, context) : found
  if (started === null) return UNREACHABLE
  // Dear to load, and not needed before: the server is starting meanwhile.
  const { carrySession } = await import('./carry-session.ts')
  try {
    return await carrySession(started, context)
  } finally {
    started.close()
  }
}

async function later(
  first: NoneYet,
  since: Date,
  options: WrapOptions,
  context: Context,
): Promise<Started | null> {
  const { standInUntil } = await import('./central/stand-in-until.ts')
  const label = options.names[0] ?? options.command?.[0] ?? 'hoopctl'
  return standInUntil({ label, first, since, look: () => start({ options, early: false }, context) }, context)
}

/** How the server is started. */
interface Start {
  readonly options: WrapOptions
  /** Before it is known whether the policy counts. Who looks again and again must not start it each time. */
  readonly early: boolean
}

async function start(asked: Start, context: Context): Promise<Started | NoneYet> {
  const server = new EarlyServer(asked.options, context)
  try {
    return await startUnder(server, asked, context)
  } catch (failure) {
    server.undo()
    throw failure
  }
}

async function startUnder(server: EarlyServer, asked: Start, context: Context): Promise<Started | NoneYet> {
  const { options, early } = asked
  const sound = soundPolicies(context.directories().cache, context.version)
  const chosen = await policyFor(options, context, {
    // Under a local policy, which loads less, to hasten gains nothing.
    early: early ? (servers) => server.start(servers, hasten) : server.check,
    undo: server.undo,
    sound,
    tell: (line) => tell(context, line),
    // Loaded once a role is to be assumed: most policies come without.
    assume: async (role) => (await import('./assume-role.ts')).roleAssumer(context)(role),
  })
  if (chosen.kind === 'none-yet') return chosen
  if (chosen.kind === 'file') return underFile(chosen.path, server, { ...asked, sound }, context)
  const { feed, state, policy } = chosen
  const { blocked } = feed.current()
  if (blocked !== null) {
    server.undo()
    chosen.close()
    return blocked
  }
  if (!early || !chosen.early) {
    await server.start(policy.servers).catch((failure: unknown) => {
      chosen.close()
      throw failure
    })
  }
  return { ...server.taken(), feed, options, state, close: () => chosen.close() }
}

async function underFile(
  path: string,
  server: EarlyServer,
  { options, early, sound }: Start & { readonly sound: SoundPolicies },
  context: Context,
): Promise<Started> {
  const whenRead = early ? server.start : server.check
  const policy = await loadPolicy(path, context.now(), { early: whenRead, sound })
  if (!early) await server.start(policy.servers)
  const feed = filePolicy(policy, realpathSync(path), context.now)
  return { ...server.taken(), feed, options, state: null, close: () => undefined }
}

function tell({ stderr }: Context, line: string): void {
  stderr.write(`hoopctl: ${visible(line)}\n`)
}
