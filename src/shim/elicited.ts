import { valueAt } from '../json-spans.ts'
import type { AuditSettings } from '../records.ts'
import { shorten } from '../visible.ts'
import { dropMembers } from './edits.ts'
import { isMembers, type Members } from './message.ts'

// A form has a few fields. What names more of them than this is no form, and must not make the log grow.
const MAX_NAMES = 64

/**
 * Measures the answers that a person gave to a server's questions: names and sizes in bytes, never values; of 64 names
 * at most. Null where nobody typed anything, so that nothing needs to be kept out of the log.
 */
export function answerSizes(params: Members): Record<string, number> | null {
  const responses = params['inputResponses']
  if (!isMembers(responses)) return null
  const sizes: Record<string, number> = {}
  let left = MAX_NAMES
  for (const [key, response] of Object.entries(responses)) {
    if (left === 0) break
    if (!isMembers(response) || !isMembers(response['content'])) continue
    for (const [name, value] of Object.entries(response['content']).slice(0, left)) {
      sizes[`${shorten(key)}.${shorten(name)}`] = sizeOf(value)
      left -= 1
    }
  }
  return left === MAX_NAMES ? null : sizes
}

/** Measures the members of one elicitation's answer, 64 at most; nothing where it was declined. */
export function contentSizes(result: Members): Record<string, number> {
  const content = result['content']
  if (!isMembers(content)) return {}
  const fields = Object.entries(content).slice(0, MAX_NAMES)
  return Object.fromEntries(fields.map(([name, value]) => [shorten(name), sizeOf(value)]))
}

/**
 * Writes the params of a request without the answers that a person gave: what the log may hold of them. Null where the
 * policy wants no messages in the log; above its limit, the first part.
 */
export function paramsWithoutAnswers(text: string, payloads: AuditSettings['payloads']): string | null {
  const at = valueAt(text, ['params'])
  if (at === undefined || payloads.requests === 'digest') return null
  const edit = dropMembers(text, at.start, ({ key }) => key === 'inputResponses')
  const params = edit?.text ?? text.slice(at.start, at.end)
  return params.length <= payloads.maxBytes ? params : shorten(params)
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
}
