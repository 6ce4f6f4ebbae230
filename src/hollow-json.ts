import { type JsonScan, type LongString, parseJson } from './json-parse.ts'

/** Which strings of a JSON text a reader can do without. */
export interface HollowStrings {
  /** Of how many bytes, in their spelling, they are at least. */
  readonly from: number
  /**
   * Tells whether the reader can do without all of them.
   * @param text the text with all strings of that length empty; sound JSON
   * @param at where those stand in it: each at the quote with which it begins
   */
  fits(text: string, at: readonly number[]): boolean
}

/** A JSON text and its value without its long strings: they stand empty in both. */
interface HollowJson {
  readonly text: string
  readonly value: unknown
}

/**
 * Parses JSON in UTF-8 without making its long strings, which were found sound; null where there is none, the rest is no JSON, or the
 * reader cannot do without them.
 */
export function parseHollow(bytes: Buffer, scan: JsonScan, strings?: HollowStrings): HollowJson | null {
  if (strings === undefined || scan.long.length === 0) return null
  const { text, at } = without(bytes, scan.long)
  try {
    const value = parseJson(text, undefined, scan)
    return strings.fits(text, at) ? { text, value } : null
  } catch {
    return null // whoever parses all of it says what is wrong
  }
}

function without(bytes: Buffer, long: readonly LongString[]): { text: string; at: number[] } {
  let text = ''
  let from = 0
  const at: number[] = []
  for (const { start, end } of long) {
    text += bytes.toString('utf8', from, start)
    at.push(text.length - 1)
    from = end
  }
  return { text: text + bytes.toString('utf8', from), at }
}
