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

const TEXTS = new Set(['text', 'data', 'blob'])

function areForTheModel(text: string, at: readonly number[]): boolean {
  const result = valueAt(text, ['result'])
  if (result === undefined || text[result.start] !== '{') return false
  const places: Span[] = []
  for (const { key, value } of members(text, result.start)) {
    if (key === 'structuredContent') places.push(value)
    if (key === 'content' || key === 'contents') places.push(...textsIn(text, value))
  }
  return at.every((one) => places.some(({ start, end }) => start <= one && one < end))
}

function textsIn(text: string, { start: list }: Span): readonly Span[] {
  if (text[list] !== '[') return []
  return elements(text, list).flatMap(({ start }) => {
    if (text[start] !== '{') return []
    return members(text, start).flatMap(({ key, value }) => (TEXTS.has(key) ? [value] : []))
  })
}
