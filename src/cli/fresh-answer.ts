import type { Readable } from 'node:stream'
import { ask } from './ask.ts'
import type { Context } from './context.ts'

type Terminal = Readable & { setRawMode?: (raw: boolean) => unknown }

/** Nothing may be typed for so long before the question is shown. */
const QUIET_MS = 300
/** Who types on and on does not read. */
const PATIENCE_MS = 3000

/**
 * Asks a person at a terminal, on stderr, and takes only what was typed after the question was shown: what was typed, or
 * written into the terminal, before is thrown away. Gives null where input never ceases.
 */
export async function freshAnswer(question: string, context: Context): Promise<string | null> {
  if (!(await untilQuiet(context.stdin))) return null
  return ask(question, context)
}

// In raw mode the terminal hands over at once what it holds, finished lines and begun ones.
async function untilQuiet(stdin: Terminal): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS
  stdin.setRawMode?.(true)
  try {
    return await new Promise((resolve) => {
      let quiet = setTimeout(() => settle(true), QUIET_MS)
      const settle = (isQuiet: boolean) => {
        clearTimeout(quiet)
        stdin.off('data', thrownAway).pause()
        resolve(isQuiet)
      }
      const thrownAway = () => {
        clearTimeout(quiet)
        if (performance.now() >= end) settle(false)
        else quiet = setTimeout(() => settle(true), QUIET_MS)
      }
      stdin.on('data', thrownAway)
    })
  } finally {
    stdin.setRawMode?.(false)
  }
}
