import type { Call } from '../decision.ts'
import { members, skipSpace, type Span, valueAt } from '../json-spans.ts'
import { visible } from '../visible.ts'

/** What a written call asks to be decided; `undecided` where rules alone say nothing about its method. */
export type WrittenCall =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'undecided'; readonly method: string }
  | { readonly kind: 'bad'; readonly why: string }

/**
 * Reads a call out of a JSON text: a JSON-RPC request, or `{"name":…,"arguments":{…}}` for a `tools/call`. Arguments stay
 * the text that they are, so that numbers reach conditions as they were written. Expects a text that JSON.parse accepts.
 */
export function readCall(text: string): WrittenCall {
  if (text[skipSpace(text, 0)] !== '{') return bad('a call is a JSON object')
  const method = stringAt(text, ['method'])
  if (method !== null) return requestCall(text, method)
  if (valueAt(text, ['method']) !== undefined) return bad('`method` must be a string')
  const known = ['name', 'arguments']
  const odd = members(text, skipSpace(text, 0)).find(({ key }) => !known.includes(key))
  if (odd !== undefined)
    return bad(`a short call has \`name\` and \`arguments\`, not \`${visible(odd.key)}\``)
  return toolCall(text, [])
}

function requestCall(text: string, method: string): WrittenCall {
  switch (method) {
    case 'tools/call':
      return toolCall(text, ['params'])
    case 'prompts/get':
      return promptCall(text)
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return resourceCall(text)
    case 'sampling/createMessage':
      return serverRequest(text, 'sampling')
    case 'elicitation/create':
      return serverRequest(
        text,
        stringAt(text, ['params', 'mode']) === 'url' ? 'elicitation.url' : 'elicitation.form',
      )
    case 'roots/list':
      return serverRequest(text, 'roots')
    default:
      return { kind: 'undecided', method }
  }
}

function toolCall(text: string, path: readonly string[]): WrittenCall {
  const name = stringAt(text, [...path, 'name'])
  if (name === null) return bad('a call needs the name of a tool: a string `name`')
  const args = objectAt(text, [...path, 'arguments'])
  if (args === null) return bad('`arguments` must be an object')
  return { kind: 'call', call: { kind: 'tool', name, args, annotations: null } }
}

function promptCall(text: string): WrittenCall {
  const name = stringAt(text, ['params', 'name'])
  if (name === null) return bad('`params.name` must be a string')
  const args = objectAt(text, ['params', 'arguments'])
  if (args === null) return bad('`params.arguments` must be an object')
  return { kind: 'call', call: { kind: 'prompt', name, args } }
}

function resourceCall(text: string): WrittenCall {
  const uri = stringAt(text, ['params', 'uri'])
  return uri === null
    ? bad('`params.uri` must be a string')
    : { kind: 'call', call: { kind: 'resource', uri } }
}

function serverRequest(text: string, name: Extract<Call, { kind: 'serverRequest' }>['name']): WrittenCall {
  const request = objectAt(text, ['params'])
  if (request === null) return bad('`params` must be an object')
  return { kind: 'call', call: { kind: 'serverRequest', name, request } }
}

function stringAt(text: string, path: readonly string[]): string | null {
  const span = valueAt(text, path)
  if (span === undefined || text[span.start] !== '"') return null
  const value: unknown = JSON.parse(slice(text, span))
  return typeof value === 'string' ? value : null
}

/** Gives an object's text; an empty one where it is absent, null where something else stands there. */
function objectAt(text: string, path: readonly string[]): string | null {
  const span = valueAt(text, path)
  if (span === undefined) return '{}'
  return text[span.start] === '{' ? slice(text, span) : null
}

function slice(text: string, { start, end }: Span): string {
  return text.slice(start, end)
}

function bad(why: string): WrittenCall {
  return { kind: 'bad', why }
}
