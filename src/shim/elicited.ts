import { isMembers, type Members } from './message.ts'

/** Measures the answers that a person gave to a server's questions: names and sizes in bytes, never values. */
export function answerSizes(params: Members): Record<string, number> | null {
  const responses = params['inputResponses']
  if (!isMembers(responses)) return null
  const sizes: Record<string, number> = {}
  for (const [key, response] of Object.entries(responses)) {
    if (!isMembers(response)) continue
    for (const [name, size] of Object.entries(contentSizes(response))) sizes[`${key}.${name}`] = size
  }
  return sizes
}

/** Measures the members of one elicitation's answer; nothing where it was declined. */
export function contentSizes(result: Members): Record<string, number> {
  const content = result['content']
  if (!isMembers(content)) return {}
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, sizeOf(value)]))
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
}
