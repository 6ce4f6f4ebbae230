import { valueAt } from '../../json-spans.ts'
import { parsed } from '../../parsed.ts'
import {
  isRecord,
  type LogRecord,
  numberOf,
  recordOf,
  type TextRecord,
  textOf,
  textsOf,
} from '../log-record.ts'
import type {
  AnswerText,
  Asked,
  Circumstances,
  ContextFacts,
  GrantFacts,
  SessionFacts,
} from './exported-call.ts'

/** What is known before a log says anything. */
export const NO_SESSION: SessionFacts = {
  session: null,
  number: null,
  started: null,
  hoopctl: null,
  host: null,
  osUser: null,
  device: null,
  server: null,
}

/** What is known before a `context` record says anything. */
export const NO_CIRCUMSTANCES: Circumstances = {
  issuer: null,
  sub: null,
  email: null,
  groups: [],
  kind: null,
  client: null,
  clientVersion: null,
  policy: null,
  policyVersion: null,
  policyDigest: null,
  grants: [],
}

/** Reads the facts of a header. */
export function sessionFacts(header: LogRecord): SessionFacts {
  const server = recordOf(header, 'server')
  return {
    session: textOf(header, 'session'),
    number: countOf(header, 'number'),
    started: textOf(header, 'at'),
    hoopctl: textOf(header, 'hoopctl'),
    host: textOf(header, 'host'),
    osUser: textOf(header, 'osUser'),
    device: textOf(header, 'device'),
    server: textOf(server, 'name') ?? textsOf(server, 'command')[0] ?? null,
  }
}

/** Takes up what a `context` record says has changed; what it does not name stays. */
export function changedBy(context: LogRecord, before: Circumstances): Circumstances {
  const subject = recordOf(context, 'subject')
  const client = recordOf(context, 'client')
  const policy = recordOf(context, 'policy')
  return {
    ...before,
    ...('subject' in context && {
      issuer: textOf(subject, 'issuer'),
      sub: textOf(subject, 'sub'),
      email: textOf(subject, 'email'),
      groups: textsOf(subject, 'groups'),
      kind: textOf(subject, 'kind'),
    }),
    ...('client' in context && { client: textOf(client, 'name'), clientVersion: textOf(client, 'version') }),
    ...('policy' in context && {
      policy: textOf(policy, 'name'),
      policyVersion: countOf(policy, 'version'),
      policyDigest: textOf(policy, 'digest'),
    }),
    ...('grants' in context && { grants: grantNames(context['grants']) }),
  }
}

/** Reads what a `context` record says; `circumstances` are those from then on. */
export function contextFacts(context: LogRecord, circumstances: Circumstances): ContextFacts {
  const { signed } = recordOf(context, 'policy')
  const { grants } = context
  return {
    seq: countOf(context, 'seq'),
    at: textOf(context, 'at'),
    cause: textOf(context, 'cause'),
    members: ['subject', 'client', 'policy', 'grants'].filter((member) => member in context),
    circumstances,
    signed: typeof signed === 'boolean' ? signed : null,
    grants: (Array.isArray(grants) ? grants.filter(isRecord) : []).map(grantFacts),
  }
}

function grantFacts(grant: LogRecord): GrantFacts {
  return {
    name: textOf(grant, 'name'),
    mode: textOf(grant, 'mode'),
    started: textOf(grant, 'started'),
    expires: textOf(grant, 'expires'),
    reason: textOf(grant, 'reason'),
  }
}

function grantNames(grants: unknown): readonly string[] {
  const each = Array.isArray(grants) ? grants.filter(isRecord) : []
  return each.map((grant) => textOf(grant, 'name')).filter((name) => name !== null)
}

/** Reads what a `request` record says was asked. */
export function askedIn({ record, message }: TextRecord): Asked {
  const decision = recordOf(record, 'decision')
  return {
    seq: countOf(record, 'seq'),
    exchange: countOf(record, 'exchange'),
    at: textOf(record, 'at'),
    from: textOf(record, 'from'),
    method: textOf(record, 'method'),
    tool: textOf(record, 'tool') ?? toolIn(record, message),
    resource: textOf(record, 'resource'),
    prompt: textOf(record, 'prompt'),
    task: textOf(record, 'task'),
    effect: textOf(decision, 'effect'),
    rules: textsOf(decision, 'rules'),
    why: textOf(decision, 'why'),
    requestBytes: countOf(record, 'bytes'),
    requestSha256: textOf(record, 'sha256'),
    arguments: argumentsIn(message),
  }
}

// Nothing is decided of a call to a server that did not start, so its record has no such member; its message has.
function toolIn(record: LogRecord, message: string | null): string | null {
  if ('decision' in record || textOf(record, 'method') !== 'tools/call' || message === null) return null
  const value = parsed(message)
  return isRecord(value) ? textOf(recordOf(value, 'params'), 'name') : null
}

// A slice of the text, not what JSON.parse makes of it: 9007199254740993 keeps its last digit.
function argumentsIn(message: string | null): string | null {
  if (message === null || parsed(message) === undefined) return null
  const span = valueAt(message, ['params', 'arguments'])
  return span === undefined ? null : message.slice(span.start, span.end)
}

/** Tells whether an answer is an error; null where the log does not say. */
export function isErrorIn({ record, message }: TextRecord): boolean | null {
  const told = record['isError']
  if (typeof told === 'boolean') return told
  const value = message === null ? undefined : parsed(message)
  return isRecord(value) ? 'error' in value : null
}

/** Finds what a log holds of an answer's text. */
export function answerIn({ record, message }: TextRecord): AnswerText | null {
  if (message !== null) return { text: message, whole: true }
  const head = textOf(record, 'head')
  return head === null ? null : { text: head, whole: false }
}

/** Reads a member that should be a whole number, not below zero; null where it is anything else. */
export function countOf(record: LogRecord, name: string): number | null {
  const value = numberOf(record, name)
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null
}
