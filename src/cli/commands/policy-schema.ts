import { Command } from 'commander'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'

/** Declares `hoopctl policy schema`. */
export function policySchemaCommand(context: Context, run = policySchema): Command {
  return new Command('schema')
    .description('Print the JSON Schema of policy files.')
    .addHelpText('after', examples('hoopctl policy schema > policy.schema.json'))
    .action(() => run(context))
}

/** Prints the JSON Schema that editors check policies with; it is the package's schema/policy.schema.json. */
export async function policySchema(context: Context): Promise<void> {
  const { default: schema } = await import('../../../schema/policy.schema.json', { with: { type: 'json' } })
  context.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
}
