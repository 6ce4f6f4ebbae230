import { constants } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { followRecords } from '../audit/log-record.ts'
import type { FoundSession } from '../audit/sessions.ts'
import { toldAt } from '../audit/timeline.ts'
import type { Context } from './context.ts'
import { paintedLine, painter } from './paint.ts'
import { print } from './print-pieces.ts'
import { SessionWriter } from './session-writer.ts'

/** How often the file is looked at: a person does not notice, and it is one read of nothing. */
const LOOK_MS = 200

/** How often more once the process that wrote it is gone: it may have written its end just before. */
const LAST_LOOKS = 5

/**
 * Prints a session's timeline as it is written: to its footer, until the process that wrote it is gone, until a signal asks
 * to end (then the exit code says which) or until nobody reads any more. Throws what the file system throws.
 */
export async function followSession(
  { path, number, session }: FoundSession,
  context: Context,
): Promise<void> {
  const { stdout, stderr, setExitCode } = context
  const stopped = new AbortController()
  context.onSignal((signal) => {
    setExitCode(128 + constants.signals[signal])
    stopped.abort()
  })
  stdout.on('error', () => stopped.abort()) // what has to be said of it is said by whoever made the stream
  using writer = new SessionWriter(session ?? '', context)
  let looksLeft = LAST_LOOKS
  let isTold = false
  const more = async (): Promise<boolean> => {
    if (writer.isGone() && looksLeft-- === 0) return false
    if (!isTold && stderr.isTTY === true)
      stderr.write(`hoopctl: session ${number} has no end yet; Ctrl-C ends this\n`)
    isTold = true
    await wait(LOOK_MS, undefined, { signal: stopped.signal }).catch(() => undefined)
    return !stopped.signal.aborted
  }
  const paint = painter(context)
  let place = 0
  for await (const record of followRecords(path, more)) {
    for (const line of toldAt(place++, record)) await print(paintedLine(line, paint), stdout, stopped.signal)
    if (stopped.signal.aborted) return
  }
  if (looksLeft >= 0 || stopped.signal.aborted) return
  const text = 'no end is recorded, and the process that wrote this is gone'
  await print(`${paint('warn', text)}\n`, stdout, stopped.signal)
}
