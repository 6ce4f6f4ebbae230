import type { Wired } from './connect.ts'

// What differs from run to run: what is random, and what tells the time.
const RANDOM: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'],
  [/\b[0-9a-f]{32}\b/g, '<task>'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\d{1,2}:\d\d:\d\d [AP]M/g, '<clock>'],
  [/"level":"\w+","data":"[A-Z][a-z]+[- ]level[- ]message"/g, '"level":"<any>","data":"<any>"'],
]

/** What was said on a wire, as lines that two runs can be compared by: without random values and times. */
export function transcript(wire: readonly Wired[]): readonly string[] {
  return wire.map(({ from, message }) => `${from} ${plain(JSON.stringify(message, readable))}`)
}

// The server packs the time of day into blobs; they are compared by what they hold.
function readable(key: string, value: unknown): unknown {
  if (key !== 'blob' || typeof value !== 'string') return value
  return Buffer.from(value, 'base64').toString('latin1')
}

function plain(text: string): string {
  return RANDOM.reduce((said, [pattern, word]) => said.replaceAll(pattern, word), text)
}
