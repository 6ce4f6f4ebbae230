import { harmless } from '../../harmless-json.ts'
import { parseInstant } from '../../instant.ts'
import type { ExportedCall, ExportItem, Outcome } from './exported-call.ts'
import { flatCall } from './flat-call.ts'
import { actorOf, agentOf, endpointsOf, resourcesOf } from './ocsf-parties.ts'
import { optional } from './optional.ts'

/** The version of the Open Cybersecurity Schema Framework that the events are of. */
export const OCSF_VERSION = '1.9.0'

const CATEGORY = { category_uid: 6, category_name: 'Application Activity' } as const
const CLASS = { class_uid: 6003, class_name: 'API Activity' } as const

// Which of the class's activities a method is. What a tool does, only its server knows.
const READS = new Set(
  'tools/list resources/list resources/templates/list prompts/list tasks/list resources/read prompts/get tasks/get tasks/result completion/complete server/discover'.split(
    ' ',
  ),
)

/** Writes exchanges as OCSF events of the class API Activity (6003), with the profiles Security Control and AI Operation: one JSON object each. */
export function* ocsfEvents(items: Iterable<ExportItem>): Generator<string, void, undefined> {
  for (const item of items) {
    if (item.item === 'call') yield `${harmless(JSON.stringify(ocsfEvent(item.call)))}\n`
  }
}

/** Makes the event of one exchange. */
export function ocsfEvent(call: ExportedCall): object {
  const { asked, ended } = call
  return {
    ...CATEGORY,
    ...CLASS,
    ...activityOf(asked.method),
    ...severityOf(ended.outcome),
    ...statusOf(call),
    status_code: ended.outcome,
    ...optional('status_detail', ended.outcomeWhy ?? asked.why),
    // A log that does not hold may say no time, and an event must: the beginning of the epoch is none that could be meant.
    time: parseInstant(asked.at ?? '')?.getTime() ?? 0,
    message: messageOf(call),
    metadata: metadataOf(call),
    actor: actorOf(call),
    ...agentOf(call),
    ...endpointsOf(call),
    api: apiOf(call),
    ...optional('resources', resourcesOf(call)),
    ...controlOf(call),
    unmapped: unmappedOf(call),
  }
}

function activityOf(method: string | null): object {
  const [id, name] = READS.has(method ?? '') ? [2, 'Read'] : method === null ? [0, 'Unknown'] : [99, method]
  return {
    activity_id: id,
    activity_name: name,
    type_uid: CLASS.class_uid * 100 + id,
    type_name: `${CLASS.class_name}: ${name}`,
  }
}

function severityOf(outcome: Outcome): object {
  return outcome === 'denied'
    ? { severity_id: 2, severity: 'Low' }
    : { severity_id: 1, severity: 'Informational' }
}

function statusOf({ ended: { outcome, isError } }: ExportedCall): object {
  if (outcome === 'denied' || isError === true) return { status_id: 2, status: 'Failure' }
  return isError === false ? { status_id: 1, status: 'Success' } : { status_id: 0, status: 'Unknown' }
}

function messageOf({ session, asked, ended }: ExportedCall): string {
  const about = asked.tool ?? asked.resource ?? asked.prompt ?? asked.task
  const what = [asked.method ?? 'a request', about].filter((word) => word !== null).join(' ')
  return `${what}, server ${session.server ?? 'unknown'}: ${ended.outcome}`
}

function metadataOf(call: ExportedCall): object {
  const { session, asked } = call
  return {
    version: OCSF_VERSION,
    product: { name: 'hoopctl', vendor_name: 'hoopctl', ...optional('version', session.hoopctl) },
    profiles: ['security_control', 'ai_operation'],
    uid: uidOf(call),
    ...optional('correlation_uid', session.session),
    ...optional('sequence', asked.seq),
    ...optional('original_time', asked.at),
    log_name: 'hoopctl session log',
    log_version: 'hoopctl-session/1',
  }
}

// What no other event of the session has; every record has its own number.
function uidOf({ session, asked }: ExportedCall): string {
  return `${session.session ?? 'unknown'}.${asked.seq ?? asked.exchange ?? 'unknown'}`
}

function apiOf(call: ExportedCall): object {
  const { session, asked, ended } = call
  const { resultBytes: bytes, resultSha256: sha256 } = ended
  const response = bytes === null ? null : { data: { bytes, sha256 } }
  return {
    operation: asked.method ?? 'unknown',
    service: { name: session.server ?? 'unknown' },
    // Its JSON text: as a value it would be another field of the event for each name that a client thinks of.
    request: { uid: uidOf(call), ...optional('data', asked.arguments) },
    ...optional('response', response),
  }
}

const DISPOSITIONS: Readonly<Record<Outcome, readonly [number, string]>> = {
  answered: [1, 'Allowed'],
  unanswered: [1, 'Allowed'],
  denied: [2, 'Blocked'],
  queued: [14, 'Delayed'],
  waiting: [14, 'Delayed'],
}

// The profile Security Control: what policy and people made of it.
function controlOf({ circumstances, asked, ended }: ExportedCall): object {
  const { policy: name, policyDigest: uid, policyVersion: version } = circumstances
  const isAllowed = ended.outcome === 'answered' || ended.outcome === 'unanswered'
  const [action_id, action] = isAllowed
    ? [1, 'Allowed']
    : ended.outcome === 'denied'
      ? [2, 'Denied']
      : [0, 'Unknown']
  const approved = isAllowed && asked.effect === 'ask'
  const [disposition_id, disposition] = approved ? [8, 'Approved'] : DISPOSITIONS[ended.outcome]
  const policy = {
    ...optional('name', name),
    ...optional('uid', uid),
    ...optional('version', version === null ? null : String(version)),
  }
  return { action_id, action, disposition_id, disposition, ...(name !== null && { policy }) }
}

// What the schema has no place for, under the names of the flat exports.
function unmappedOf(call: ExportedCall): object {
  const {
    seq,
    exchange,
    number,
    from,
    effect,
    rules,
    why,
    grants,
    approval,
    approvalState,
    approvers,
    ...rest
  } = flatCall(call)
  const { proofs, tookUs, requestBytes, requestSha256, edited, clientVersion, osUser, answeredAt } = rest
  const asked = { number, seq, exchange, from, effect, rules, why, grants, clientVersion, osUser }
  const ended = { approval, approvalState, approvers, proofs, edited, answeredAt, tookUs }
  const all = { ...asked, ...ended, requestBytes, requestSha256 }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
}
