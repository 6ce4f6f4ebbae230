import { elements, members, type Span, valueAt } from '../json-spans.ts'
import type { Exchange } from './exchanges.ts'
import { type Parsed, parseMessage, type ResponseMessage } from './message.ts'

const AS_SERVERS_WRITE = { fold: false, caseSensitiveArguments: false }
const HOLLOW = { from: 4096, fits: areForTheModel }

/**
 * Reads a server's line. What a tool or a resource holds is for the model, and nothing here looks into it: its long texts are
 * checked as all else, and not made into strings. A megabyte of them costs half of what it did.
 */
export function parseServerLine(bytes: Uint8Array): Parsed {
  return parseMessage(bytes, { ...AS_SERVERS_WRITE, hollow: HOLLOW })
}

/** Gives an answer with all its text, unless it goes on as it came. */
export function asNeeded(message: ResponseMessage, exchange: Exchange): ResponseMessage {
  if (!message.isHollow || goesOnAsItCame(message, exchange)) return message
  const parsed = parseMessage(message.bytes, AS_SERVERS_WRITE)
  if (!parsed.ok || parsed.message.kind !== 'response') throw new Error('the same bytes were another message')
  return parsed.message
}

// See `treatAnswer` for what is changed in an answer.
function goesOnAsItCame({ ownKeys, result }: ResponseMessage, exchange: Exchange): boolean {
  const { method, approved, modern } = exchange
  if (ownKeys || approved?.how === 'edited') return false
  if (method === 'resources/read')
    return !modern && result?.['cacheScope'] === undefined && result?.['ttlMs'] === undefined
  return method === 'tools/call'
}

const WHOLE = 'structuredContent'
const FOR_THE_MODEL = new Set(['content', 'contents', WHOLE])
const TEXTS = new Set(['text', 'data', 'blob'])

function areForTheModel(text: string, at: readonly number[]): boolean {
  const result = valueAt(text, ['result'])
  if (result === undefined || text[result.start] !== '{') return false
  const found = members(text, result.start).filter(({ key }) => FOR_THE_MODEL.has(key))
  // A name that stands twice is refused soon: whatever is made of it here.
  if (found.length > FOR_THE_MODEL.size) return false
  const places = found.flatMap(({ key, value }) => (key === WHOLE ? [value] : textsIn(text, value)))
  let next = 0 // both in the order of the text: each is looked at once, however many there are
  return at.every((one) => {
    while ((places[next]?.end ?? Infinity) <= one) next += 1
    return (places[next]?.start ?? Infinity) <= one
  })
}

function textsIn(text: string, { start: list }: Span): readonly Span[] {
  if (text[list] !== '[') return []
  return elements(text, list).flatMap(({ start }) => {
    if (text[start] !== '{') return []
    return members(text, start).flatMap(({ key, value }) => (TEXTS.has(key) ? [value] : []))
  })
}
