import { realpathSync } from 'node:fs'
import { EXIT_CODES, HoopctlError } from '../errors.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Server } from '../policy/policy.ts'
import { type Child, startChild } from '../shim/child.ts'
import { filePolicy } from '../shim/local-feeds.ts'
import { visible } from '../visible.ts'
import type { Started } from './carry-session.ts'
import type { Context } from './context.ts'
import { policyFor } from './policy-for.ts'
import { soundPolicies } from './sound-policies.ts'
import { chooseTarget, type Target, type WrapOptions } from './wrap-target.ts'

// Of a client for whom there is no policy that could say otherwise.
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024

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
  const started = await start(options, context)
  if ('why' in started) return standIn(started, options, context)
  // Dear to load, and not needed before: the server is starting meanwhile.
  const { carrySession } = await import('./carry-session.ts')
  return carrySession(started, context)
}

/** Why there is nothing to decide by, which a person may mend while the client runs. */
interface NoneYet {
  readonly why: string
  readonly help: string
}

// The client hears the reason, not silence; nothing is started for a policy that is not there or has ended.
async function standIn({ why, help }: NoneYet, options: WrapOptions, context: Context): Promise<number> {
  const { runUnrecorded } = await import('../shim/run-unrecorded.ts')
  const client = { stdin: context.stdin, stdout: context.stdout }
  tell(context, why)
  const label = options.names[0] ?? options.command?.[0] ?? 'hoopctl'
  return runUnrecorded(client, MAX_MESSAGE_BYTES, label, `${why}. ${help}`)
}

// The server starts while the rest of the policy is compiled: each takes about as long as the other. It is sent nothing
// before the policy is known to be sound, and ends at once where it is not (docs/decisions/0003-start-the-server-early.md).
async function start(options: WrapOptions, context: Context): Promise<Started | NoneYet> {
  let early: { readonly target: Target; readonly child: Child | null } | undefined
  const startServer = async (servers: ReadonlyMap<string, Server>) => {
    const target = await chooseTarget(options, servers, context)
    early = { target, child: startChild(target.command) }
  }
  const undo = () => {
    early?.child?.kill()
    early = undefined
  }
  const sound = soundPolicies(context.directories().cache, context.version)
  try {
    const chosen = await policyFor(options, context, {
      early: startServer,
      undo,
      sound,
      tell: (line) => tell(context, line),
      // Loaded once a role is to be assumed: most policies come without.
      assume: async (role) => (await import('./assume-role.ts')).roleAssumer(context)(role),
    })
    if (chosen.kind === 'none-yet') return chosen
    if (chosen.kind === 'file') {
      const policy = await loadPolicy(chosen.path, context.now(), { early: startServer, sound })
      const feed = filePolicy(policy, realpathSync(chosen.path), context.now)
      return startedWith(early, { feed, options, close: () => undefined })
    }
    const { blocked } = chosen.feed.current()
    if (blocked !== null) {
      undo()
      chosen.close()
      return { why: blocked.why, help: `${blocked.help}, and then restart the client` }
    }
    if (!chosen.early) await startServer(chosen.policy.servers)
    return startedWith(early, { feed: chosen.feed, options, close: () => chosen.close() })
  } catch (failure) {
    undo()
    throw failure
  }
}

function startedWith(
  early: Pick<Started, 'target' | 'child'> | undefined,
  rest: Omit<Started, 'target' | 'child'>,
): Started {
  if (early === undefined) throw new Error('a policy was loaded whose servers were never told')
  return { ...early, ...rest }
}

function tell({ stderr }: Context, line: string): void {
  stderr.write(`hoopctl: ${visible(line)}\n`)
}
