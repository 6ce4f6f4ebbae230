import type { Call, ServerRequest } from '../decision.ts'
import { foldCase } from '../fold-case.ts'
import { valueAt } from '../json-spans.ts'
import type { Refusal, Step } from '../refusal.ts'
import { isMembers, type Members, type RequestMessage } from './message.ts'
import { imitatedMember, MEMBERS } from './protocol-members.ts'
import type { Template } from './template.ts'

/** What one request is about, read out of its params: what is decided on, and what its record names. */
export type Matter =
  | { readonly kind: 'none' }
  | { readonly kind: 'call'; readonly call: Call }
  /** The template that a completion is for: decided like its entry in a list. */
  | ({ readonly kind: 'template' } & Template)
  | { readonly kind: 'task'; readonly task: string }
  | { readonly kind: 'listen'; readonly filter: Members }

const NONE: Matter = { kind: 'none' }

/** Reads a client's request of a known method. Params of the wrong shape are refused: another parser might coerce them. */
export function readClientRequest(message: RequestMessage): Step<Matter> {
  const { method, params } = message
  if (params['inputResponses'] !== undefined && !isMembers(params['inputResponses']))
    return wrong('`params.inputResponses` is no object')
  switch (method) {
    case 'tools/call':
      return readToolCall(message)
    case 'prompts/get':
      return readPrompt(message)
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return typeof params['uri'] === 'string'
        ? matter({ kind: 'call', call: { kind: 'resource', uri: params['uri'] } })
        : wrong('`params.uri` is no string')
    case 'completion/complete':
      return readCompletion(message)
    case 'subscriptions/listen':
      return isMembers(params['notifications'])
        ? matter({ kind: 'listen', filter: params['notifications'] })
        : wrong('`params.notifications` is no object')
    case 'tasks/get':
    case 'tasks/result':
    case 'tasks/update':
    case 'tasks/cancel':
      return readTask(params)
    default:
      return matter(NONE)
  }
}

/** Reads what a server asks of the client: its kind, as the `serverRequest` matcher names it, and its params. */
export function readServerRequest(method: string, params: Members, text: string): Call | null {
  const name = serverRequestName(method, params)
  return name === null ? null : { kind: 'serverRequest', name, request: text }
}

/** Reads the id of a task out of params. */
export function readTask(params: Members): Step<Matter> {
  const task = params['taskId']
  return typeof task === 'string' ? matter({ kind: 'task', task }) : wrong('`params.taskId` is no string')
}

function serverRequestName(method: string, params: Members): ServerRequest | null {
  if (method === 'sampling/createMessage') return 'sampling'
  if (method === 'roots/list') return 'roots'
  if (method !== 'elicitation/create') return null
  const mode = params['mode']
  if (mode === 'url') return 'elicitation.url'
  return mode === undefined || mode === 'form' ? 'elicitation.form' : null
}

function readToolCall(message: RequestMessage): Step<Matter> {
  const { name, arguments: args } = message.params
  if (typeof name !== 'string') return wrong('`params.name` is no string')
  if (args !== undefined && !isMembers(args)) return wrong('`params.arguments` is no object')
  return matter({ kind: 'call', call: new ToolCall(name, message.text) })
}

function readPrompt(message: RequestMessage): Step<Matter> {
  const { name, arguments: args } = message.params
  if (typeof name !== 'string') return wrong('`params.name` is no string')
  if (args !== undefined && !isMembers(args)) return wrong('`params.arguments` is no object')
  return matter({ kind: 'call', call: { kind: 'prompt', name, args: argumentsOf(message.text) } })
}

function readCompletion({ params }: RequestMessage): Step<Matter> {
  const { ref, argument, context } = params
  if (!isMembers(ref)) return wrong('`params.ref` is no object')
  if (!isMembers(argument) || typeof argument['name'] !== 'string' || typeof argument['value'] !== 'string')
    return wrong('`params.argument` has no name or value')
  const read = readKnown(context, argument['name'])
  if (!read.ok) return read
  const known = read.value
  if (ref['type'] === 'ref/prompt' && typeof ref['name'] === 'string') {
    const args = JSON.stringify({ ...Object.fromEntries(known), [argument['name']]: argument['value'] })
    return matter({ kind: 'call', call: { kind: 'prompt', name: ref['name'], args } })
  }
  if (ref['type'] === 'ref/resource' && typeof ref['uri'] === 'string') {
    const uri = ref['uri']
    return matter(
      uri.includes('{')
        ? { kind: 'template', uriTemplate: uri, known }
        : { kind: 'call', call: { kind: 'resource', uri } },
    )
  }
  return wrong('`params.ref` names neither a prompt nor a resource')
}

/** Reads the arguments that were chosen before the one that is being completed. */
function readKnown(context: unknown, completed: string): Step<ReadonlyMap<string, string>> {
  const known = new Map<string, string>()
  if (context === undefined) return { ok: true, value: known }
  if (!isMembers(context)) return wrong('`params.context` is no object')
  const imitated = imitatedMember(context, MEMBERS.params)
  if (imitated !== null) return wrong(`a key in \`params.context\` differs from \`${imitated}\` in case only`)
  const chosen = context['arguments'] ?? {}
  if (!isMembers(chosen)) return wrong('`params.context.arguments` is no object')
  for (const [name, value] of Object.entries(chosen)) {
    // Numbers would reach a condition rounded, because they are put together with the other argument here.
    if (typeof value !== 'string') return wrong('`params.context.arguments` holds more than strings')
    // One server would take this value, the next that one.
    if (foldCase(name) === foldCase(completed))
      return wrong('`params.context.arguments` holds the argument that is completed')
    known.set(name, value)
  }
  return { ok: true, value: known }
}

/** A tool call whose arguments are looked up in the text only where a condition reads them. */
class ToolCall {
  readonly kind = 'tool'
  readonly name: string
  readonly annotations = null
  readonly #text: string
  #args: string | null = null

  constructor(name: string, text: string) {
    this.name = name
    this.#text = text
  }

  get args(): string {
    this.#args ??= argumentsOf(this.#text)
    return this.#args
  }
}

/** Cuts the params out of a request's text, as they were written. */
export function paramsText(text: string): string {
  const span = valueAt(text, ['params'])
  return span === undefined ? '{}' : text.slice(span.start, span.end)
}

function argumentsOf(text: string): string {
  const span = valueAt(text, ['params', 'arguments'])
  return span === undefined ? '{}' : text.slice(span.start, span.end)
}

function matter(value: Matter): Step<Matter> {
  return { ok: true, value }
}

function wrong(why: string): Extract<Step<Matter>, { readonly ok: false }> {
  const refusal: Refusal = { why, code: -32602, help: null }
  return { ok: false, refusal }
}
