import { Command } from 'commander'
import { quoted } from '../../quoted.ts'
import type { Pinned } from '../../state/pins.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { isThere } from '../directories.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { type Paint, painter } from '../paint.ts'

/** Declares `hoopctl pins list`. */
export function pinsListCommand(context: Context, run = pinsList): Command {
  return new Command('list')
    .description('Show the definitions that were pinned; of changed ones, what changed.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples('hoopctl pins list'))
    .action(({ json }: { json: boolean }) => run({ json }, context))
}

/** Prints what is pinned. What changed comes from a server, so it is shown with everything deceptive made visible. */
export async function pinsList({ json }: { readonly json: boolean }, context: Context): Promise<void> {
  const pins = await readPins(context)
  if (json) {
    const rows = pins.map((pin) => ({
      server: pin.server,
      name: pin.name,
      state: pin.seen === null ? 'same' : 'changed',
      pinned: parse(pin.pinned),
      seen: pin.seen === null ? null : parse(pin.seen),
    }))
    return void context.stdout.write(jsonLine({ pins: rows }))
  }
  const paint = painter(context)
  if (pins.length === 0)
    context.stdout.write('Nothing is pinned yet: that happens when a wrapped server lists its tools.\n')
  for (const pin of pins) context.stdout.write(`${describe(pin, paint).join('\n')}\n`)
}

async function readPins(context: Context): Promise<Pinned[]> {
  const { state } = context.directories()
  if (!isThere(state)) return []
  const { openPinStore } = await import('../../state/pins.ts')
  const store = openPinStore(state)
  try {
    return store.list()
  } finally {
    store.close()
  }
}

function describe({ server, name, pinned, seen }: Pinned, paint: Paint): string[] {
  const title = `${visible(server)}  ${visible(name)}`
  if (seen === null) return [`${title}  ${paint('quiet', 'same')}`]
  return [
    `${title}  ${paint('bad', 'changed')}`,
    ...differences(parse(pinned), parse(seen), paint),
    ...acceptance(server, name).map((line) => paint('quiet', line)),
  ]
}

// A name that cannot be shown as it is cannot be typed as it is shown: then there is no command to copy.
function acceptance(server: string, name: string): string[] {
  if (visible(server + name) !== server + name) return []
  return [`  to accept it: hoopctl pins accept ${quoted(server)} ${quoted(name)}`]
}

// A definition is an object; its members are compared one by one, so that a long schema that stayed is not shown.
function differences(before: unknown, after: unknown, paint: Paint): string[] {
  const [old, now] = [membersOf(before), membersOf(after)]
  const names = [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name))
  return names.flatMap((name) => {
    const removed = old.get(name)
    const added = now.get(name)
    return [
      ...(removed === undefined ? [] : [paint('bad', `  - ${visible(`${name}: ${removed}`)}`)]),
      ...(added === undefined ? [] : [paint('good', `  + ${visible(`${name}: ${added}`)}`)]),
    ]
  })
}

function membersOf(value: unknown): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([['text', JSON.stringify(value)]])
  return new Map(Object.entries(value).map(([name, member]) => [name, JSON.stringify(member)]))
}

function parse(text: string): unknown {
  return JSON.parse(text)
}
