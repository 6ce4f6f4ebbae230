import { harmless } from '../harmless-json.ts'

/** Writes a value as one line of JSON. Terminals show it too: what could deceive there is escaped, so the value stays. */
export function jsonLine(value: unknown): string {
  return `${harmless(JSON.stringify(value))}\n`
}
