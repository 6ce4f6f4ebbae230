import { constants } from 'node:os'
import { unreadable } from '../../audit/disk-failure.ts'
import { HoopctlError } from '../../errors.ts'
import { quoted } from '../../quoted.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { type FoundLog, withLog } from '../find-log.ts'
import { SessionWriter } from '../session-writer.ts'

/**
 * Plays a recorded session back on a screen, until the person leaves it. Throws NO_TERMINAL where there is none,
 * UNKNOWN_SESSION, and UNREACHABLE where the log cannot be read.
 */
export async function replay(wanted: string, context: Context): Promise<void> {
  if (context.stdin.isTTY !== true || context.stdout.isTTY !== true) {
    const hint = `without one, this prints the session: hoopctl sessions show ${visible(quoted(wanted))}`
    throw new HoopctlError('NO_TERMINAL', 'a replay is a screen, and there is no terminal here', { hint })
  }
  await withLog(wanted, context, async (found) => {
    try {
      await showScreen(found, context)
    } catch (cause) {
      throw unreadable(found.path, cause)
    }
  })
}

async function showScreen(found: FoundLog, context: Context): Promise<void> {
  const { ReplayLoop } = await import('./replay-loop.ts')
  const { terminalDisplay } = await import('../screens/terminal-display.tsx')
  using writer = new SessionWriter(found.session ?? '', context)
  const parts = {
    isRunning: () => writer.isRunning(),
    openDisplay: (from: Parameters<typeof terminalDisplay>[1]) => terminalDisplay(context, from),
  }
  const outcome = await new ReplayLoop(found, parts, context).run()
  if (outcome.kind === 'signal') context.setExitCode(128 + constants.signals[outcome.signal])
}
