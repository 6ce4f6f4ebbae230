import { Command } from 'commander'
import { approveCommand } from './commands/approve.ts'
import { completionCommand } from './commands/completion.ts'
import { grantsCommand } from './commands/grants.ts'
import { loginCommand } from './commands/login.ts'
import { logoutCommand } from './commands/logout.ts'
import { policyCommand } from './commands/policy.ts'
import { pinsCommand } from './commands/pins.ts'
import { requestCommand } from './commands/request.ts'
import { revokeCommand } from './commands/revoke.ts'
import { sessionsCommand } from './commands/sessions.ts'
import { statusCommand } from './commands/status.ts'
import { whoamiCommand } from './commands/whoami.ts'
import { wrapCommand } from './commands/wrap.ts'
import type { Context } from './context.ts'
import { examples } from './examples.ts'

const COMMANDS = [
  loginCommand,
  logoutCommand,
  whoamiCommand,
  statusCommand,
  wrapCommand,
  grantsCommand,
  requestCommand,
  revokeCommand,
  approveCommand,
  policyCommand,
  sessionsCommand,
  pinsCommand,
  completionCommand,
]

/** Declares the whole command line. Nothing is opened here: what a command needs is imported when it runs. */
export function buildProgram(context: Context): Command {
  const program = new Command('hoopctl')
    .usage('COMMAND')
    .helpCommand(false)
    .description('Least privilege between AI clients and MCP servers.')
    .version(context.version, '--version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .configureHelp({
      optionDescription: ({ description }) => description, // the defaults go without saying
      minWidthToWrap: 20, // in characters, of the column beside the options
    })
    .showSuggestionAfterError(false) // ours know all commands, and are not told where they are far-fetched
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      outputError: () => undefined, // reportFailure prints it, in our form
      getOutHelpWidth: () => context.stdout.columns ?? 80,
      getErrHelpWidth: () => context.stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', examples('hoopctl wrap -- npx -y @modelcontextprotocol/server-everything'))
  for (const declare of COMMANDS) program.addCommand(declare(context))
  inheritSettings(program)
  return program
}

// Commander does this for `.command()` only, not for commands that are made elsewhere and added.
function inheritSettings(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent).helpCommand(false)
    inheritSettings(command)
  }
}
