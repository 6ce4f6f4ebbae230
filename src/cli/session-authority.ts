import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import type { DeviceKey } from '../audit/device-key.ts'
import { monotonicMs } from '../audit/monotonic.ts'
import { quoted } from '../quoted.ts'
import { HoopctlError } from '../errors.ts'
import type { Policy, Server } from '../policy/policy.ts'
import type { ApprovalDesk } from '../shim/approval-desk.ts'
import { GrantAuthority } from '../shim/authority.ts'
import type { PolicyFeed, SubjectFeed } from '../shim/feeds.ts'
import { nobody, osUser } from '../shim/local-feeds.ts'
import type { Authority, Blocked, Standing } from '../shim/standing.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { Context } from './context.ts'
import { wakeOptimizers } from './optimizers.ts'
import { osSubject } from './os-subject.ts'
import { SharedParts } from './shared-parts.ts'
import type { SharedSession } from './shared-session.ts'
import type { WrapOptions } from './wrap-target.ts'

/** What one run of `wrap` is about. */
export interface Wrapped {
  readonly policy: PolicyFeed
  /** The server as people read it. */
  readonly label: string
  /** The server's name in the policy; null for a command that it does not name. */
  readonly server: string | null
  /** What it was started by; null for such a command. Not what the policy says now: that may be a newer one. */
  readonly run: Server['run']
  readonly options: Pick<WrapOptions, 'grants' | 'reason' | 'policy' | 'command'>
  readonly device: DeviceKey
  /** What processes share, where that is open already; whoever opened it closes it. */
  readonly state: SharedState | null
  readonly say: (line: string) => void
}

/** Says who asks and what holds in this run of `wrap`; `close` lets go of what it opened. */
export interface OpenedAuthority {
  readonly authority: Authority
  /** Where people are asked; null: the policy never asks, or what processes share is not opened yet or cannot be read. */
  readonly desk: () => ApprovalDesk | null
  /** Calls back when an answer of a person may have come; returns how to stop that. */
  readonly onAnswer: (call: () => void) => () => void
  /** Tells other commands what holds in this session. */
  readonly onStanding: (standing: Standing, session: string) => void
  close(): Promise<void>
}

/** Opens what says who asks and what holds. What a policy has no use for is not loaded: many have no grants. */
export async function openAuthority(wrapped: Wrapped, context: Context): Promise<OpenedAuthority> {
  const { policy: feed, server, options } = wrapped
  const { policy } = feed.current()
  refuseUnknownGrants(wrapped)
  const parts = new SharedParts(wrapped, context)
  const shared = isShared(policy) ? await parts.open() : null
  const opensLater = !isShared(policy) && mayAsk(policy)
  const authority = new GrantAuthority(
    {
      policy: feed,
      subject: await subjectFeed(policy, shared),
      activations: shared?.activations ?? null,
      server,
      only: options.grants.length === 0 ? null : options.grants,
      reason: options.reason ?? null,
      unfit: unfitFor(wrapped),
      policyFile:
        options.policy === undefined ? null : quoted(resolve(context.workingDirectory, options.policy)),
      now: context.now,
      monotonic: monotonicMs,
    },
    shared === null && !opensLater
      ? policy.ready
      : async () => {
          wakeOptimizers()
          parts.announce()
          await Promise.all([policy.ready?.(), opensLater ? parts.open() : null])
        },
  )
  return {
    authority,
    desk: () => parts.desk,
    onAnswer: (call) => parts.onAnswer(call),
    onStanding: (standing, session) => parts.tell(standing, session),
    close: () => parts.close(),
  }
}

// What runs is what the policy said when it started. A newer one that says otherwise is right, and this is not it.
function unfitFor({ server, run, options }: Wrapped): (policy: Policy) => Blocked | null {
  const started = JSON.stringify(run)
  const help = 'A person can restart the client'
  return (policy) => {
    if (options.command !== null)
      return policy.signed && policy.unlisted === 'deny'
        ? { why: 'the policy no longer lets anybody wrap a command that it does not name', help }
        : null
    const named = policy.servers.get(server ?? '')
    if (named === undefined) return { why: `the policy no longer names the server \`${server ?? ''}\``, help }
    return JSON.stringify(named.run) === started
      ? null
      : { why: 'the policy now runs this server in another way', help }
  }
}

// A policy that people sign in for, or whose grants they ask for, is about what other processes do as well.
function isShared({ signed, identity, grants }: Policy): boolean {
  return signed || identity !== null || grants.length > 0
}

function mayAsk({ rules }: Policy): boolean {
  return rules.some(({ effect }) => effect === 'ask')
}

async function subjectFeed(policy: Policy, shared: SharedSession | null): Promise<SubjectFeed> {
  const { identity, claims } = policy
  if (identity === null) return osUser(osSubject(userInfo().username))
  if (shared === null) return nobody('the state that hoopctl’s processes share cannot be read')
  // Which groups a workload is in may be a matter of conditions, and who asks is said in the first record.
  if (claims?.workloads.some(({ when }) => when !== null) === true) await policy.ready?.()
  return shared.signedIn(identity)
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
