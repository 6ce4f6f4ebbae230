import { join } from 'node:path'
import { monotonicMs } from '../../audit/monotonic.ts'
import { sha256 } from '../../digest.ts'
import { parsePolicy, type SoundPolicies } from '../../policy/load.ts'
import type { Early } from '../../policy/read-telling.ts'
import type { Policy } from '../../policy/policy.ts'
import { readMetadata } from '../../policy/signed-metadata.ts'
import type { AwsCredentials } from '../../remote/aws-settings.ts'
import type { NetworkSettings } from '../../remote/network-settings.ts'
import type { ObjectSource } from '../../remote/object-source.ts'
import { sourceOf } from '../../remote/policy-place.ts'
import { ClockMark } from '../../state/clock-mark.ts'
import { Locks } from '../../state/locks.ts'
import { openSharedState, type SharedState } from '../../state/shared-state.ts'
import { VersionMarks } from '../../state/version-marks.ts'
import type { Context } from '../context.ts'
import type { PolicySource } from '../policy-source.ts'
import { everLater } from './ever-later.ts'
import type { HeldPolicy } from './held-policy.ts'
import { PolicyCache } from './policy-cache.ts'
import type { Moment } from './policy-end.ts'
import { PolicyKeeper } from './policy-keeper.ts'
import { Refusal } from './refusal.ts'

/** Gives keys for a role that is assumed with the sign-in's ID token. Throws NOT_SIGNED_IN, SIGN_IN_FAILED, UNREACHABLE. */
export type AssumeRole = (role: {
  readonly arn: string
  readonly region: string | null
  readonly endpoint: string | null
  /** A session policy (JSON) that narrows it; absent or null: none. */
  readonly policy?: string | null
}) => Promise<AwsCredentials>

/** How a source is opened. */
export interface CentralOptions {
  /** Is told the servers of the first policy that is read and has not expired, as soon as they are known to be sound. */
  readonly early?: Early | undefined
  readonly sound?: SoundPolicies | undefined
  /** Absent: with the person's sign-in. */
  readonly assume?: AssumeRole | undefined
  /** What the network was found to be; absent: what was saved, and what the environment says. */
  readonly network?: NetworkSettings | undefined
}

/** A central policy's source with everything around it. */
export interface Central {
  readonly source: PolicySource
  readonly keeper: PolicyKeeper
  readonly state: SharedState
  readonly clock: ClockMark
  /** What activations name their policy by. */
  readonly key: string
  readonly moment: () => Moment
  close(): void
}

const LOCK_WAIT_MS = 10_000

/**
 * Opens what is kept of a source; nothing is read yet, and no network is touched. Throws INPUT_INVALID for a URL that is
 * none, STATE_UNWRITABLE and FILE_MODE.
 */
export function openCentral(source: PolicySource, context: Context, options: CentralOptions = {}): Central {
  const { base, name } = sourceOf(source.url)
  const { state: directory, run } = context.directories()
  const id = idOf(source)
  const state = openSharedState(directory, run)
  try {
    const clock = new ClockMark(state, { lazy: true })
    const clocks = { now: context.now, monotonic: monotonicMs }
    const time = everLater(clocks, (now) => clock.mark(now).now)
    const locks = new Locks(run)
    let early = options.early
    const earlyFor = ({ signed }: HeldPolicy) => {
      const first = early
      early = undefined
      return signed.expires > time() ? first : undefined
    }
    const keeper = new PolicyKeeper({
      url: source.url,
      name,
      pinned: source.trust,
      cache: cacheOf(source, directory),
      marks: new VersionMarks(state),
      source: () => openObjects(base, source, context, options),
      compile: (held) => compile(held, source, context, { ...options, early: earlyFor(held) }),
      exclusively: (work) => locks.withLock(`policy-${id}`, LOCK_WAIT_MS, work),
      time,
    })
    const moment = () => ({ wall: context.now(), time: time() })
    const key = `trust:${source.trust}/${name}`
    const close = () => {
      clock.flush()
      state.close()
    }
    return { source, keeper, state, clock, key, moment, close }
  } catch (failure) {
    state.close()
    throw failure
  }
}

/** Opens what is kept of a source's files. */
export function cacheOf(source: PolicySource, stateDirectory: string): PolicyCache {
  return new PolicyCache(join(stateDirectory, 'policies', idOf(source)))
}

function idOf({ url, trust, endpoint }: PolicySource): string {
  return sha256(JSON.stringify([url, trust, endpoint])).slice(0, 32)
}

async function openObjects(
  base: URL,
  source: PolicySource,
  context: Context,
  options: CentralOptions,
): Promise<ObjectSource> {
  const { openSource } = await import('../../remote/open-source.ts')
  const { createHttpClient } = await import('../../remote/http-client.ts')
  const { networkSettings } = await import('../../remote/network-settings.ts')
  const { readConfig } = await import('../config-file.ts')
  const network = options.network ?? networkSettings(context.env, (await readConfig(context)).network)
  const { region, role, endpoint } = source
  const credentials = role === null ? null : () => assumed(role, source, context, options)
  return openSource(base, { http: createHttpClient(network), aws: { endpoint, region, credentials } })
}

async function assumed(
  arn: string,
  { region, endpoint }: PolicySource,
  context: Context,
  { assume }: CentralOptions,
): Promise<AwsCredentials> {
  const role = { arn, region, endpoint }
  if (assume !== undefined) return assume(role)
  const { roleAssumer } = await import('../assume-role.ts')
  return roleAssumer(context)(role)
}

async function compile(
  held: HeldPolicy,
  { url }: PolicySource,
  context: Context,
  { early, sound }: CentralOptions,
): Promise<Policy> {
  const options = { signed: true, ...(early && { early }), ...(sound && { sound }) }
  const { policy, problems } = await parsePolicy(held.signed.payload, url, options)
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first] = errors
  if (policy === null || first !== undefined) {
    refuseUnreadable(held)
    const where = first === undefined ? '' : `, line ${first.line}, column ${first.column}: ${first.message}`
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : ''
    const hint = first?.hint ?? 'ask those who sign it; here it can be looked at with: hoopctl policy lint'
    throw new Refusal('invalid', `the policy \`${held.signed.name}\` is signed, and invalid${where}${more}`, {
      hint,
    })
  }
  refuseOtherIssuer(policy, context)
  sound?.add(policy.digest)
  return policy
}

// What was verified may have been no more than its head.
function refuseUnreadable({ signed: { name, payload } }: HeldPolicy): void {
  const read = readMetadata(payload)
  if (!read.ok) throw new Refusal(read.code, `the policy \`${name}\` is refused: ${read.why}`)
}

function refuseOtherIssuer({ name, identity }: Policy, { managed }: Context): void {
  const lock = managed()
  if (lock === null || lock.issuer === null || identity?.issuer === lock.issuer) return
  const message = `the policy \`${name}\` lets people sign in with another issuer than \`${lock.path}\` names`
  throw new Refusal('issuer', message, { hint: 'ask whoever manages this machine' })
}
