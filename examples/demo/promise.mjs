// @ts-check
import { isDeepStrictEqual } from 'node:util'

/** The demo shows something else than it says that it shows. */
export class BrokenPromise extends Error {
  /** @override */
  name = 'BrokenPromise'
}

/**
 * Throws unless what the demo is about to tell is so; says then what was expected and what was seen.
 * @param {string} what
 * @param {unknown} seen
 * @param {unknown} expected
 */
export function promise(what, seen, expected) {
  if (isDeepStrictEqual(seen, expected)) return
  const lines = [
    `this is not as promised: ${what}`,
    `  expected  ${shown(expected)}`,
    `  seen      ${shown(seen)}`,
  ]
  throw new BrokenPromise(lines.join('\n'))
}

const SHOWN_CHARACTERS = 400

// As JSON, so that nothing of a server's text moves the cursor.
/** @param {unknown} value */
function shown(value) {
  const text = JSON.stringify(value)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
}
