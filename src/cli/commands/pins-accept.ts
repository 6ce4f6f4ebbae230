import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { isThere } from '../directories.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'

interface AcceptOptions {
  readonly server: string
  readonly name: string | null
  readonly json: boolean
}

/** Declares `hoopctl pins accept`. */
export function pinsAcceptCommand(context: Context, run = pinsAccept): Command {
  return new Command('accept')
    .description('Accept what a server shows now in place of what was pinned. Look first: hoopctl pins list')
    .argument('<SERVER>', 'the server, as `hoopctl pins list` shows it')
    .argument('[NAME]', '`tool:NAME` or `instructions`; without it, all that changed')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('hoopctl pins accept orders-db tool:query'))
    .action((server: string, name: string | undefined, { json }: { json: boolean }) =>
      run({ server, name: name ?? null, json }, context),
    )
}

/** Accepts changed definitions. Throws UNKNOWN_SERVER where nothing of that server changed. */
export async function pinsAccept({ server, name, json }: AcceptOptions, context: Context): Promise<void> {
  const { state } = context.directories()
  const accepted = isThere(state) ? await accept(state, server, name) : []
  if (accepted.length === 0) {
    const what = name === null ? 'nothing' : `no \`${name}\``
    throw new HoopctlError('UNKNOWN_SERVER', `${what} of \`${server}\` changed since it was pinned`, {
      hint: 'run: hoopctl pins list',
    })
  }
  if (json)
    return void context.stdout.write(jsonLine({ accepted: accepted.map((each) => ({ server, name: each })) }))
  for (const each of accepted) context.stdout.write(`Accepted ${visible(each)} of ${visible(server)}.\n`)
  context.stdout.write('A running session shows it when its client lists the tools again, or restarts.\n')
}

async function accept(state: string, server: string, name: string | null): Promise<string[]> {
  const { openPinStore } = await import('../../state/pins.ts')
  const store = openPinStore(state)
  try {
    return store.accept(server, name)
  } finally {
    store.close()
  }
}
