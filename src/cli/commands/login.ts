import { Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import type { LoginOptions } from '../login.ts'

/** Declares `hoopctl login`. */
export function loginCommand(context: Context): Command {
  return new Command('login')
    .description('Sign in with the company’s identity provider; the policy names it, or you do.')
    .option('--issuer <URL>', 'the identity provider, where no policy names one')
    .option('--client-id <ID>', 'hoopctl’s name there')
    .addOption(
      new Option('--device', 'type a code into any browser, on any machine: the default')
        .default(false)
        .conflicts('browser'),
    )
    .option('--browser', 'sign in with a browser on this machine, which comes back by itself', false)
    .addOption(
      new Option('--store <STORE>', 'keep the tokens there; absent: in the keychain, else in a file').choices(
        ['keychain', 'file'],
      ),
    )
    .option('--json', 'print who signed in as JSON', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl login',
        'hoopctl login --browser',
        'hoopctl login --issuer https://login.acme.example --client-id hoopctl',
      ),
    )
    .action(async (options: LoginOptions) => {
      const { login } = await import('../login.ts')
      await login(options, context)
    })
}
