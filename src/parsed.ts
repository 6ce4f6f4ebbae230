import { parseJson } from './json-parse.ts'

/** Parses a JSON text; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
