import { Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import type { LoginOptions } from '../login.ts'
import type { WorkloadOptions } from '../login-workload.ts'

function collect(pair: string, before: readonly string[] = []): readonly string[] {
  return [...before, pair]
}

const EXAMPLES = examples(
  'hoopctl login',
  'hoopctl login --browser',
  'hoopctl login --issuer https://login.acme.example --client-id hoopctl',
  'hoopctl login --workload /var/run/secrets/tokens/hoopctl',
  'hoopctl login --workload client --issuer https://login.acme.example \\\n      --client-id ci --key-file ci.pem',
)

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
    .option(
      '--workload <FILE>',
      'no person: a token that the platform keeps in this file; `client`: see below',
    )
    .option('--key-file <FILE>', 'with `--workload client`: the private key (PEM) that the client signs with')
    .option('--secret-file <FILE>', 'with `--workload client`: the client’s secret')
    .option('--parameter <NAME=VALUE>', 'with `--workload client`: sent along, such as resource=…', collect)
    .option('--json', 'print who signed in as JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: LoginOptions & Partial<WorkloadOptions>) => {
      if (options.workload === undefined) {
        const { login } = await import('../login.ts')
        return login(options, context)
      }
      const { loginWorkload } = await import('../login-workload.ts')
      return loginWorkload({ ...options, workload: options.workload }, context)
    })
}
