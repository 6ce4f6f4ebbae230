import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl sessions replay`. */
export function sessionsReplayCommand(context: Context): Command {
  return new Command('replay')
    .description(
      'Play a session back on a screen: at speed, step by step, from denial to denial; `?` there names the keys. It shows what the log says; `verify` says whether to believe it.',
    )
    .argument(
      '<ID|PATH|URL>',
      'a session’s id, the beginning of it, or its number; a log; or where one was sent',
    )
    .addHelpText('after', examples('hoopctl sessions replay 17'))
    .action(async (session: string) => {
      const { replay } = await import('../replay/replay.ts')
      await replay(session, context)
    })
}
