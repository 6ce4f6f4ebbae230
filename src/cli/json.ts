import { visible } from '../visible.ts'

/** Writes a value as one line of JSON. Terminals show it too: what could deceive there is escaped, so the value stays. */
export function jsonLine(value: unknown): string {
  return `${harmless(JSON.stringify(value))}\n`
}

/** Escapes, in a JSON text, the characters inside strings that could deceive the person at a terminal. */
export function harmless(json: string): string {
  return json.replace(/[^\u0020-\u007e]/gu, (character) => {
    if (visible(character) === character) return character
    return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  })
}
