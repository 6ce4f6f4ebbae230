import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const SHOWN = 40

/** Lists the functions in which the newest CPU profile in `directory` was busiest: in themselves, and with what they call. */
export function hotSpots(directory) {
  const path = newest(directory, '.cpuprofile')
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8'))
  const own = new Map(nodes.map(({ id }) => [id, 0]))
  samples.forEach((id, index) => own.set(id, own.get(id) + timeDeltas[index]))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const frames = new Map()
  addUp(nodes[0], new Set())
  for (const idle of ['(idle)', '(root)']) frames.delete(idle)
  const busy = [...frames.values()].reduce((sum, { self }) => sum + self, 0)
  const share = (time) => `${((100 * time) / busy).toFixed(1).padStart(6)} %`
  const rows = [...frames].sort(([, a], [, b]) => b.self - a.self).slice(0, SHOWN)
  return [
    `${path}: busy ${Math.round(busy / 1000)} ms; open it in the performance panel of Chrome's DevTools`,
    '    self     total',
    ...rows.map(([name, { self, total }]) => `${share(self)}  ${share(total)}  ${name}`),
    '',
  ].join('\n')

  // A function that calls itself counts once: only its outermost call adds to the total.
  function addUp(node, above) {
    const name = frameName(node.callFrame)
    const frame = frames.get(name) ?? { self: 0, total: 0 }
    frames.set(name, frame)
    const inside = new Set(above).add(name)
    let total = own.get(node.id)
    frame.self += total
    for (const child of node.children ?? []) total += addUp(byId.get(child), inside)
    if (!above.has(name)) frame.total += total
    return total
  }
}

function newest(directory, ending) {
  const names = readdirSync(directory).filter((name) => name.endsWith(ending))
  if (names.length === 0) throw new Error(`no profile was written to ${directory}`)
  return join(directory, names.sort().at(-1)) // their names begin with the date
}

function frameName({ functionName, url, lineNumber }) {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name}  ${basename(url)}:${lineNumber + 1}`
}
