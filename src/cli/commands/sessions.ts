import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { sessionsExportCommand } from './sessions-export.ts'
import { sessionsHoldCommand } from './sessions-hold.ts'
import { sessionsListCommand } from './sessions-list.ts'
import { sessionsPruneCommand } from './sessions-prune.ts'
import { sessionsReplayCommand } from './sessions-replay.ts'
import { sessionsShowCommand } from './sessions-show.ts'
import { sessionsUploadCommand } from './sessions-upload.ts'
import { sessionsVerifyCommand } from './sessions-verify.ts'

/** Declares `hoopctl sessions`. */
export function sessionsCommand(context: Context): Command {
  return new Command('sessions')
    .description('Look at what was recorded.')
    .addHelpText('after', examples('hoopctl sessions list'))
    .addCommand(sessionsListCommand(context))
    .addCommand(sessionsShowCommand(context))
    .addCommand(sessionsReplayCommand(context))
    .addCommand(sessionsUploadCommand(context))
    .addCommand(sessionsVerifyCommand(context))
    .addCommand(sessionsExportCommand(context))
    .addCommand(sessionsPruneCommand(context))
    .addCommand(sessionsHoldCommand(context))
}
