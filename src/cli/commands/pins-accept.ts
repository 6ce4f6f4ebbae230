import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import { didYouMean } from '../../policy/near-miss.ts'
import type { Pinned } from '../../state/pins.ts'
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

/** Accepts changed definitions. Throws UNKNOWN_SERVER where nothing of that server is pinned, USAGE where nothing changed. */
export async function pinsAccept({ server, name, json }: AcceptOptions, context: Context): Promise<void> {
  const { state } = context.directories()
  const { accepted, pins } = isThere(state) ? await accept(state, server, name) : { accepted: [], pins: [] }
  if (accepted.length === 0) throw nothingToAccept(server, name, pins)
  if (json)
    return void context.stdout.write(jsonLine({ accepted: accepted.map((each) => ({ server, name: each })) }))
  for (const each of accepted) context.stdout.write(`Accepted ${visible(each)} of ${visible(server)}.\n`)
  context.stdout.write('A running session shows it when its client lists the tools again, or restarts.\n')
}

function nothingToAccept(server: string, name: string | null, pins: readonly Pinned[]): HoopctlError {
  const servers = new Set(pins.map((pin) => pin.server))
  if (!servers.has(server)) {
    const known = [...servers].join(', ')
    const hint = known === '' ? 'nothing is pinned yet' : `pinned are definitions of: ${known}`
    const message = `no definition of \`${server}\` is pinned${didYouMean(server, servers)}`
    return new HoopctlError('UNKNOWN_SERVER', message, { hint })
  }
  const names = pins.filter((pin) => pin.server === server).map((pin) => pin.name)
  const hint = 'run: hoopctl pins list'
  if (name !== null && !names.includes(name)) {
    const meant = names.includes(`tool:${name}`)
      ? `, did you mean \`tool:${name}\`?`
      : didYouMean(name, names)
    return new HoopctlError('USAGE', `no \`${name}\` of \`${server}\` is pinned${meant}`, { hint })
  }
  const what = name === null ? `nothing of \`${server}\` has` : `\`${name}\` of \`${server}\` has not`
  return new HoopctlError('USAGE', `${what} changed since it was pinned`, { hint })
}

async function accept(state: string, server: string, name: string | null) {
  const { openPinStore } = await import('../../state/pins.ts')
  const store = openPinStore(state)
  try {
    return { accepted: store.accept(server, name), pins: store.list() }
  } finally {
    store.close()
  }
}
