import type { HollowStrings } from '../hollow-json.ts'
import type { Refusal } from '../refusal.ts'
import { valueAt } from '../json-spans.ts'
import { parseStrictJson } from '../strict-json.ts'
import { imitatedMember, MEMBERS } from './protocol-members.ts'

export type Id = string | number
export type Members = Readonly<Record<string, unknown>>

interface Envelope {
  /** The line as it came, without its line end. */
  readonly bytes: Uint8Array
  /** Its text; in a hollow one long strings stand empty, here as in the values. */
  readonly text: string
  readonly isHollow: boolean
  /** May it have members that speak in hoopctl's name? */
  readonly ownKeys: boolean
}

export interface RequestMessage extends Envelope {
  readonly kind: 'request'
  readonly id: Id
  readonly method: string
  readonly params: Members
}

export interface NotificationMessage extends Envelope {
  readonly kind: 'notification'
  readonly method: string
  readonly params: Members
}

export interface ResponseMessage extends Envelope {
  readonly kind: 'response'
  readonly id: Id
  readonly result: Members | null
  readonly error: Members | null
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage

export type Parsed =
  | { readonly ok: true; readonly message: Message }
  /** `id`: whom an answer would reach. `response`: the line was meant as an answer itself. */
  | { readonly ok: false; readonly refusal: Refusal; readonly id: Id | null; readonly response: boolean }

const NO_ID = 'its `id` is neither a string nor an integer'
const PARSE_ERROR = -32700
const INVALID_REQUEST = -32600
const INVALID_PARAMS = -32602

export interface WireOptions {
  /** Two keys that differ in case only are refused at any depth: what a client sends. */
  readonly fold: boolean
  /** … but for `params.arguments`, where the policy says that the server tells them apart. */
  readonly caseSensitiveArguments: boolean
  /** Which long strings are checked and not made; absent: none. */
  readonly hollow?: HollowStrings
}

/** Reads one line as a JSON-RPC 2.0 message of MCP. What any parser could read differently is refused. */
export function parseMessage(bytes: Uint8Array, options: WireOptions): Parsed {
  const exempt = options.caseSensitiveArguments ? [['params', 'arguments']] : []
  const strict = parseStrictJson(bytes, { ...options, exempt })
  if (!strict.ok)
    return refused(strict.why, strict.json === null ? PARSE_ERROR : INVALID_REQUEST, strict.json?.value)
  const { text, isHollow, value, ownKeys } = strict
  if (Array.isArray(value)) return refused('it is a batch, which MCP has not', INVALID_REQUEST, value)
  if (!isMembers(value)) return refused('it is no JSON object', INVALID_REQUEST, value)
  return readEnvelope(value, { bytes, text, isHollow, ownKeys })
}

function readEnvelope(value: Members, envelope: Envelope): Parsed {
  const fault = envelopeFault(value) ?? idFault(value, envelope.text)
  if (fault !== null) return refused(fault, INVALID_REQUEST, value)
  const { id, method, params, result, error } = value
  if (typeof method === 'string') {
    const inside = params === undefined ? {} : params
    if (!isMembers(inside)) return refused('`params` is no object', INVALID_PARAMS, value)
    const paramsFault = paramsFaultOf(inside)
    if (paramsFault !== null) return refused(paramsFault, INVALID_PARAMS, value)
    if (id === undefined) return accepted({ kind: 'notification', method, params: inside, ...envelope })
    if (isId(id)) return accepted({ kind: 'request', id, method, params: inside, ...envelope })
    return refused(NO_ID, INVALID_REQUEST, value)
  }
  if (!isId(id)) return refused(NO_ID, INVALID_REQUEST, value)
  if (result !== undefined && !isMembers(result))
    return refused('`result` is no object', INVALID_REQUEST, value)
  if (error !== undefined && !isError(error))
    return refused('`error` is no error object', INVALID_REQUEST, value)
  return accepted({ kind: 'response', id, result: result ?? null, error: error ?? null, ...envelope })
}

function envelopeFault(value: Members): string | null {
  const imitated = imitatedMember(value, MEMBERS.envelope)
  if (imitated !== null) return `a key in it differs from \`${imitated}\` in case only`
  if (value['jsonrpc'] !== '2.0') return '`jsonrpc` is not "2.0"'
  const answers = value['result'] !== undefined || value['error'] !== undefined
  if (value['method'] === undefined && !answers) return 'it has neither `method` nor `result` nor `error`'
  if (value['method'] !== undefined && answers) return 'it has `method` together with `result` or `error`'
  if (value['result'] !== undefined && value['error'] !== undefined) return 'it has both `result` and `error`'
  if (value['method'] !== undefined && typeof value['method'] !== 'string') return '`method` is no string'
  return null
}

// `1.0`, `1e0` and `-0` are integers to some parsers and something else to others. An answer's id is not passed on as a new one.
const ODD_ID = /"id"\s*:\s*(?:-0|-?\d+[.eE])/

function idFault({ id, method }: Members, text: string): string | null {
  if (method === undefined || typeof id !== 'number' || !ODD_ID.test(text)) return null
  const span = valueAt(text, ['id'])
  const written = span === undefined ? '' : text.slice(span.start, span.end)
  return /^(?:0|-?[1-9]\d*)$/.test(written) ? null : NO_ID
}

function paramsFaultOf(params: Members): string | null {
  const imitated = imitatedMember(params, MEMBERS.params)
  if (imitated !== null) return `a key in \`params\` differs from \`${imitated}\` in case only`
  const meta = params['_meta']
  if (meta === undefined) return null
  if (!isMembers(meta)) return '`_meta` is no object'
  const hidden = imitatedMember(meta, MEMBERS.meta)
  return hidden === null ? null : `a key in \`_meta\` differs from \`${hidden}\` in case only`
}

function accepted(message: Message): Parsed {
  return { ok: true, message }
}

function refused(why: string, code: number, value: unknown): Parsed {
  const object = isMembers(value) ? value : {}
  const response =
    object['method'] === undefined && (object['result'] !== undefined || object['error'] !== undefined)
  const id = isId(object['id']) ? object['id'] : null
  return { ok: false, refusal: { why, code, help: null }, id, response }
}

/** Is this a JSON object (not an array, not null)? */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Is this a JSON-RPC id that MCP allows: a string, or an integer that every parser reads alike? */
export function isId(value: unknown): value is Id {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function isError(value: unknown): value is Members {
  return isMembers(value) && Number.isSafeInteger(value['code']) && typeof value['message'] === 'string'
}
