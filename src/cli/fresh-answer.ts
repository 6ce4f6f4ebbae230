import type { Readable } from 'node:stream'
import { setImmediate as afterReading, setTimeout as pause } from 'node:timers/promises'
import { ask } from './ask.ts'
import type { Context } from './context.ts'

type Terminal = Readable & { setRawMode?: (raw: boolean) => unknown }

/** Nothing may be typed for so long before the question is shown, so often in a row. */
const QUIET_MS = 100
const QUIET_TIMES = 3
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

// In raw mode the terminal hands over at once what it holds, finished lines and begun ones. A process that was held up
// finds its timer over before it has read what came meanwhile: each time it reads first, and one time alone is none.
async function untilQuiet(stdin: Terminal): Promise<boolean> {
  const end = performance.now() + PATIENCE_MS
  stdin.setRawMode?.(true)
  let typed = false
  const thrownAway = () => {
    typed = true
  }
  stdin.on('data', thrownAway)
  try {
    for (let times = 0; times < QUIET_TIMES; times += 1) {
      await pause(QUIET_MS)
      await afterReading()
      if (!typed) continue
      if (performance.now() >= end) return false
      typed = false
      times = -1
    }
    return true
  } finally {
    stdin.off('data', thrownAway).pause()
    stdin.setRawMode?.(false)
  }
}
