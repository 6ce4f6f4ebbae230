import { visible } from './visible.ts'

/**
 * Escapes, in a JSON text, the characters inside strings that could deceive the person at a terminal. The value stays,
 * and so does the line: tabs and line ends between tokens, which are no part of it, become spaces.
 */
export function harmless(json: string): string {
  return json.replace(/[^\u0020-\u007e]/gu, (character) => {
    // Within a string of a JSON text these three are escaped already.
    if ('\t\n\r'.includes(character)) return ' '
    if (visible(character) === character) return character
    return character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  })
}
