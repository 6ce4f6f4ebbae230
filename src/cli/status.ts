import { HoopctlError } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import type { RunningShim } from '../state/shims.ts'
import type { Subject } from '../subject.ts'
import { visible } from '../visible.ts'
import { approvalLines, approvalRows, type OpenApprovals } from './approvals/approval-rows.ts'
import { type PolicyInForce, policyInForce, subjectUnder } from './asker.ts'
import type { Context } from './context.ts'
import { withDeviceState } from './device-state.ts'
import { durationInWords } from './duration.ts'
import { clockTime, grantRow } from './grant-lines.ts'
import { grantsOf, type OwnGrant } from './grants-of.ts'
import { jsonLine } from './json.ts'
import { type Paint, painter } from './paint.ts'
import {
  denialLines,
  destinationLines,
  type UploadStatus,
  uploadStatus,
  uploadStatusJson,
} from './upload/upload-status.ts'

/** Why a part is missing, and what helps. */
type Problem = Pick<HoopctlError, 'message' | 'hint'>

interface Found {
  readonly inForce: PolicyInForce | null
  readonly subject: Subject | null
  readonly problems: readonly Problem[]
  /** Those that are active. */
  readonly grants: readonly OwnGrant[]
  readonly shims: readonly RunningShim[]
  readonly approvals: OpenApprovals
  readonly uploads: UploadStatus
  /** The key that signs this device's logs. */
  readonly device: string
}

interface StatusOptions {
  readonly policy: string | undefined
  readonly json: boolean
}

/**
 * Prints how things stand, also where nobody is signed in or there is no policy: then that is what it tells. Throws
 * MANAGED_LOCK, and what opening the state throws.
 */
export async function status({ policy: named, json }: StatusOptions, context: Context): Promise<void> {
  const found = await lookAround(named, context)
  if (json) return void context.stdout.write(jsonLine(row(found)))
  context.stdout.write(`${lines(found, context.now(), painter(context)).join('\n')}\n`)
}

async function lookAround(named: string | undefined, context: Context): Promise<Found> {
  const problems: Problem[] = []
  const inForce = await orTell(policyInForce(named, context), problems)
  const blocked = inForce?.blocked ?? null
  if (blocked !== null) problems.push({ message: blocked.why, hint: blocked.help })
  const subject = inForce === null ? null : await orTell(subjectUnder(inForce.policy, context), problems)
  return withDeviceState(context, (state) => {
    const isAsker = inForce !== null && subject !== null
    const own = isAsker ? grantsOf({ ...inForce, subject }, state, context.now()) : []
    const grants = own.filter((each) => each.state === 'active')
    const waiting = state.approvals.waiting(context.now())
    const approvals = { waiting, remembered: state.approvals.remembered(context.now()) }
    const { shared, device } = state
    const uploads = inForce === null ? NOTHING : uploadStatus(inForce.policy, { shared, named }, context)
    const about = { inForce, subject, problems, grants, shims: state.shims.running(), approvals, uploads }
    return { ...about, device: device.publicKey }
  })
}

const NOTHING: UploadStatus = { rows: [], unused: [], denied: null }

async function orTell<T>(asked: Promise<T>, problems: Problem[]): Promise<T | null> {
  try {
    return await asked
  } catch (failure) {
    // A lock that cannot be trusted denies everything, this too.
    if (!(failure instanceof HoopctlError) || failure.code === 'MANAGED_LOCK') throw failure
    problems.push(failure)
    return null
  }
}

function row({ inForce, subject, problems, grants, shims, approvals, uploads, device }: Found): object {
  return {
    subject: subject === null ? null : subjectRow(subject),
    policy: inForce === null ? null : policyRow(inForce.policy),
    grants: grants.map(({ grant, state, expires }) => grantRow(grant, state, expires)),
    shims: shims.map(shimRow),
    approvals: approvalRows(approvals),
    ...uploadStatusJson(uploads),
    device,
    problems: problems.map(({ message, hint }) => ({ message, hint })),
  }
}

function subjectRow({ issuer, sub, email, groups, kind }: Subject): object {
  return { issuer, sub, email, groups, kind }
}

function policyRow({ name, version, digest, signed, expires }: Policy): object {
  return { name, version, digest, signed, expires: expires?.toISOString() ?? null }
}

function shimRow({ session, pid, server, started, subject, grants }: RunningShim): object {
  return {
    session,
    pid,
    server,
    started: started.toISOString(),
    subject,
    grants: grants.map(({ name }) => name),
  }
}

function lines(found: Found, now: Date, paint: Paint): string[] {
  const { inForce, subject, problems, grants, shims } = found
  const active = grants.map(
    ({ grant, expires }) => `${visible(grant.name)} on ${visible(grant.server)}, ${left(expires, now)}`,
  )
  const running = shims.map((shim) => shimLine(shim))
  const waiting = approvalLines(found.approvals, now)
  return [
    ...part('who', [subject === null ? 'nobody' : who(subject)], paint),
    ...part('policy', [inForce === null ? 'none' : policyLine(inForce.policy, paint)], paint),
    ...part('active', active.length === 0 ? ['no grant'] : active, paint),
    ...part('waiting', waiting.length === 0 ? ['no approval'] : waiting, paint),
    ...part('uploads', destinationLines(found.uploads), paint),
    ...part('calls', denialLines(found.uploads), paint),
    ...part('running', running.length === 0 ? ['no session'] : running, paint),
    ...part('device', [found.device], paint),
    ...problems.flatMap(({ message, hint }) => [
      `${paint('warn', 'problem')}  ${visible(message)}`,
      `         hint: ${visible(hint)}`,
    ]),
  ]
}

function part(title: string, texts: readonly string[], paint: Paint): string[] {
  return texts.map((text, index) => `${paint('title', (index === 0 ? title : '').padEnd(7))}  ${text}`)
}

function who({ issuer, sub, email, groups, kind }: Subject): string {
  const name = email === null ? visible(sub) : `${visible(email)} (${visible(sub)})`
  const from = issuer === 'local' ? 'user of this machine' : `at ${visible(issuer)}`
  const in_ = groups.length === 0 ? '' : `, in ${groups.map((group) => visible(group)).join(', ')}`
  return `${name}, ${kind === 'workload' ? 'workload ' : ''}${from}${in_}`
}

function policyLine({ name, version, signed, expires, path }: Policy, paint: Paint): string {
  const number = version === null ? '' : `, version ${version}`
  const end = expires === null ? '' : `, until ${clockTime(expires)}`
  const trust = signed ? 'signed' : `${paint('warn', 'unsigned')} (${visible(path)})`
  return `${visible(name)}${number}, ${trust}${end}`
}

function left(expires: Date | null, now: Date): string {
  return expires === null
    ? 'until its session ends'
    : `${durationInWords(expires.getTime() - now.getTime())} left`
}

function shimLine({ server, pid, started, grants }: RunningShim): string {
  const with_ = grants.length === 0 ? '' : `, with ${grants.map(({ name }) => visible(name)).join(', ')}`
  return `${visible(server)}, process ${pid}, since ${clockTime(started)}${with_}`
}
