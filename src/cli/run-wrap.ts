import { EXIT_CODES, HoopctlError } from '../errors.ts'
import { loadPolicy } from '../policy/load.ts'
import type { Server } from '../policy/policy.ts'
import { type Child, startChild } from '../shim/child.ts'
import { visible } from '../visible.ts'
import type { Started } from './carry-session.ts'
import { choosePolicy } from './choose-policy.ts'
import type { Context } from './context.ts'
import { soundPolicies } from './sound-policies.ts'
import { chooseTarget, type Target, type WrapOptions } from './wrap-target.ts'

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
  // Dear to load, and not needed before: the server is starting meanwhile.
  const { carrySession } = await import('./carry-session.ts')
  return carrySession(started, context)
}

// The server starts while the rest of the policy is compiled: each takes about as long as the other. It is sent nothing
// before the policy is known to be sound, and ends at once where it is not (docs/decisions/0003-start-the-server-early.md).
async function start(options: WrapOptions, context: Context): Promise<Started> {
  const path = await choosePolicy(options.policy, context)
  let early: { readonly target: Target; readonly child: Child | null } | undefined
  const startEarly = async (servers: ReadonlyMap<string, Server>) => {
    const target = await chooseTarget(options, servers, context)
    early = { target, child: startChild(target.command) }
  }
  const sound = soundPolicies(context.directories().cache, context.version)
  const policy = await loadPolicy(path, context.now(), { early: startEarly, sound }).catch(
    (failure: unknown) => {
      early?.child?.kill()
      throw failure
    },
  )
  if (early === undefined) throw new Error('a policy was loaded whose servers were never told')
  return { policy, ...early, options }
}
