import { Command, Option } from 'commander'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'

interface ShowOptions {
  readonly yaml: boolean
  readonly json: boolean
}

/** Declares `hoopctl policy show`. */
export function policyShowCommand(context: Context, run = policyShow): Command {
  return new Command('show')
    .description('Show the policy in force: who signed it, until when it holds, when it was last confirmed.')
    .addOption(new Option('--yaml', 'print the policy itself').conflicts('json').default(false))
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('hoopctl policy show', 'hoopctl policy show --yaml'))
    .action((options: ShowOptions) => run(options, context))
}

/** Shows the policy that `wrap` would use. The network is asked only where nothing is kept of a signed one. */
export async function policyShow(options: ShowOptions, context: Context): Promise<void> {
  const { chooseSource } = await import('../choose-source.ts')
  const chosen = await chooseSource(undefined, context)
  if (chosen.kind === 'file') return showFile(chosen.path, options, context)
  const { withCentral } = await import('../central/with-central.ts')
  const { centralFacts, factLines } = await import('../central/central-facts.ts')
  await withCentral(chosen.source, context, (kept, central) => {
    if (options.yaml) return print(kept.held.signed.payload, context)
    const facts = centralFacts(kept, central)
    const managed = chosen.lock?.path ?? null
    if (options.json) return void context.stdout.write(jsonLine({ ...facts, managed }))
    const lines = factLines(facts)
    if (managed !== null) lines.push(`managed    ${visible(managed)} fixes it`)
    if (facts.blocked !== null) lines.push(`blocked    ${visible(facts.blocked.why)}. ${facts.blocked.help}`)
    context.stdout.write(`${lines.join('\n')}\n`)
  })
}

async function showFile(path: string, { yaml, json }: ShowOptions, context: Context): Promise<void> {
  const { loadPolicy, readPolicyFile } = await import('../../policy/load.ts')
  if (yaml) return print(readPolicyFile(path), context)
  const { name, version, digest, expires } = await loadPolicy(path, context.now())
  const ends = expires?.toISOString() ?? null
  if (json) {
    const facts = { name, version, digest, signed: false, expires: ends, path }
    return void context.stdout.write(jsonLine(facts))
  }
  const lines = [
    `policy     ${visible(name)}${version === null ? '' : `, version ${version}`}, unsigned`,
    `digest     ${digest}`,
    `expires    ${ends ?? 'never'}`,
    `file       ${visible(path)}`,
  ]
  context.stdout.write(`${lines.join('\n')}\n`)
}

// For a program the very bytes; on a terminal nothing that could deceive.
function print(bytes: Uint8Array, { stdout }: Context): void {
  stdout.write(stdout.isTTY === true ? visible(Buffer.from(bytes).toString('utf8'), '\n\t') : bytes)
}
