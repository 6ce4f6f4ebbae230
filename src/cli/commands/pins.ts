import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { pinsAcceptCommand } from './pins-accept.ts'
import { pinsListCommand } from './pins-list.ts'

/** Declares `hoopctl pins`. */
export function pinsCommand(context: Context): Command {
  return new Command('pins')
    .description('Look at tool definitions that changed since first sight, and accept them.')
    .addHelpText('after', examples('hoopctl pins list', 'hoopctl pins accept orders-db tool:query'))
    .addCommand(pinsListCommand(context))
    .addCommand(pinsAcceptCommand(context))
}
