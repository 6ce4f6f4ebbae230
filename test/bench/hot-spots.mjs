import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const SHOWN = 30

/** Prints the functions in which the newest CPU profile in `directory` was busiest, by their own time. */
export function hotSpots(directory) {
  const path = newest(directory, '.cpuprofile')
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(path, 'utf8'))
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, frameName(callFrame)]))
  const times = new Map()
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    times.set(frame, (times.get(frame) ?? 0) + timeDeltas[index])
  })
  times.delete('(idle)')
  const busy = [...times.values()].reduce((sum, time) => sum + time, 0)
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, SHOWN)
  return [
    `${path}: busy ${Math.round(busy / 1000)} ms; open it in the performance panel of Chrome's DevTools`,
    ...rows.map(([frame, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${frame}`),
    '',
  ].join('\n')
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
