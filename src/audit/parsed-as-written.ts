import { parseJson } from '../json-parse.ts'
import { parsed } from '../parsed.ts'

declare global {
  interface JSON {
    /** Makes what JSON.stringify writes as it is given here (Node.js 21 and newer). */
    rawJSON(text: string): object
  }
}

// Many digits, an exponent, a fraction that ends in 0 or begins with six, a zero with a sign: JavaScript may write such a number
// otherwise. What ends it keeps out most of what stands in strings, such as the `"2.0"` of every message.
const ODD_NUMBER = /[0-9.]{16}|\.000000|(?:[0-9][eE][-+]?[0-9]+|\.[0-9]*0|-0)(?=[\s,\]}]|$)/gu

/**
 * Parses a record, so that JSON.stringify writes each number of its message with the very digits that came; undefined where it
 * is no JSON. A number that JavaScript would write otherwise is an object that only JSON.stringify knows.
 * @param from where the message begins in the text; -1: there is none
 */
export function parsedAsWritten(text: string, from: number): unknown {
  if (from === -1) return parsed(text)
  ODD_NUMBER.lastIndex = from
  if (!ODD_NUMBER.test(text)) return parsed(text)
  try {
    return parseJson(text, (source) =>
      String(Number(source)) === source ? Number(source) : JSON.rawJSON(source),
    )
  } catch {
    return undefined
  }
}
