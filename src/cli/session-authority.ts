import { userInfo } from 'node:os'
import type { DeviceKey } from '../audit/device-key.ts'
import { HoopctlError } from '../errors.ts'
import { GrantAuthority } from '../shim/authority.ts'
import type { ActivationFeed, PolicyFeed, SubjectFeed } from '../shim/feeds.ts'
import { nobody, osUser } from '../shim/local-feeds.ts'
import type { Authority, Standing } from '../shim/standing.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { Context } from './context.ts'
import { osSubject } from './os-subject.ts'
import { proofChecker } from './proof-checker.ts'
import { RegisteredShim } from './registered-shim.ts'
import { sealKeyOf } from './seal-key.ts'
import type { WrapOptions } from './wrap-target.ts'

/** What one run of `wrap` is about. */
export interface Wrapped {
  readonly policy: PolicyFeed
  /** The server as people read it. */
  readonly label: string
  /** The server's name in the policy; null for a command that it does not name. */
  readonly server: string | null
  readonly options: Pick<WrapOptions, 'grants' | 'reason'>
  readonly device: DeviceKey
  readonly say: (line: string) => void
}

/** Says who asks and what holds in this run of `wrap`; `close` lets go of what it opened. */
export interface OpenedAuthority {
  readonly authority: Authority
  /** Tells other commands what holds in this session. */
  readonly onStanding: (standing: Standing, session: string) => void
  close(): void
}

/** Opens what says who asks and what holds. What a policy has no use for is not opened: many have no grants. */
export async function openAuthority(wrapped: Wrapped, context: Context): Promise<OpenedAuthority> {
  const { policy: feed, server, options } = wrapped
  const { policy } = feed.current()
  refuseUnknownGrants(wrapped)
  const shared = isShared(feed) ? await openShared(wrapped, context) : null
  const subject = await subjectFeed(feed, shared?.state ?? null, context)
  const authority = new GrantAuthority(
    {
      policy: feed,
      subject,
      activations: shared?.feed ?? null,
      server,
      only: options.grants.length === 0 ? null : options.grants,
      reason: options.reason ?? null,
      now: context.now,
      monotonic: () => performance.now(),
    },
    policy.ready,
  )
  const registered = shared === null ? null : new RegisteredShim(shared.state, wrapped, context.now)
  return {
    authority,
    onStanding: (standing, session) => registered?.tell(standing, session),
    close: () => {
      registered?.end()
      shared?.state.close()
    },
  }
}

async function subjectFeed(
  policy: PolicyFeed,
  shared: SharedState | null,
  context: Context,
): Promise<SubjectFeed> {
  const { identity } = policy.current().policy
  if (identity === null) return osUser(osSubject(userInfo().username))
  if (shared === null) return nobody('the state that hoopctl’s processes share cannot be read')
  const { SignInFeed } = await import('../shim/sign-in-feed.ts')
  const { RunningSignIn } = await import('./sign-in-source.ts')
  const feed = new SignInFeed(new RunningSignIn(identity, shared, context), context.now)
  // Before the client's first message: it reads instructions once, and the first record says who asks.
  await feed.read()
  return feed
}

// A policy that people sign in for, or whose grants they ask for, is about what other processes do as well.
function isShared(feed: PolicyFeed): boolean {
  const { policy } = feed.current()
  return policy.signed || policy.identity !== null || policy.grants.length > 0
}

async function openShared(
  { device, say }: Wrapped,
  context: Context,
): Promise<{ readonly state: SharedState; readonly feed: ActivationFeed } | null> {
  const { openSharedState } = await import('../state/shared-state.ts')
  const { SharedActivations } = await import('../shim/shared-activations.ts')
  const { state, run } = context.directories()
  try {
    const opened = openSharedState(state, run)
    const key = sealKeyOf(device)
    const monotonic = () => performance.now()
    const check = proofChecker(context)
    const feed = new SharedActivations(opened, { key, now: context.now, monotonic, check, say })
    return { state: opened, feed }
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    say(`nothing that was requested is active: ${failure.message} (${failure.hint})`)
    return null
  }
}

function refuseUnknownGrants({ policy: feed, server, options }: Wrapped): void {
  const { policy } = feed.current()
  for (const name of options.grants) {
    const grant = policy.grants.find((one) => one.name === name && one.server === server)
    if (grant?.activate.mode === 'session') continue
    const known = policy.grants
      .filter((one) => one.server === server && one.activate.mode === 'session')
      .map((one) => one.name)
    const message =
      grant === undefined
        ? `there is no grant \`${name}\` on this server`
        : `the grant \`${name}\` does not start with a session`
    const hint =
      grant === undefined
        ? `session grants here: ${known.join(', ') || 'none'}`
        : `run: hoopctl request ${name}`
    throw new HoopctlError('UNKNOWN_GRANT', message, { hint })
  }
}
