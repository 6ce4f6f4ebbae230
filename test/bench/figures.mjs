import { readdirSync, readFileSync } from 'node:fs'
import { flood, oneByOne } from './load.mjs'
import { MEGABYTE } from './payload.mjs'

const IN_FLIGHT = 64
const BIG_IN_FLIGHT = 4
const WARM_CALLS = 3000
const WARM_RESULTS = 12

/**
 * What is measured on a session that is warm: `sample` returns `{ figure: value }` for each figure that it yields.
 * `size` is 1 for the whole benchmark and less for a quick one.
 */
export const LOADS = [
  {
    only: 'roundtrip',
    warm: ({ client, small }) => oneByOne(client, small, WARM_CALLS),
    sample: async ({ client, small }, size) => {
      const took = await oneByOne(client, small, Math.round(2000 * size))
      return { roundtrip: at(took, 0.5), p99: at(took, 0.99) }
    },
  },
  {
    only: 'calls',
    warm: ({ client, small }) => flood(client, small, WARM_CALLS, IN_FLIGHT),
    sample: async ({ client, small }, size) => {
      const calls = Math.round(8000 * size)
      const busyBefore = busyMicroseconds(client.pid)
      const seconds = await flood(client, small, calls, IN_FLIGHT)
      const busy = busyMicroseconds(client.pid) - busyBefore
      return { calls: calls / seconds, processor: Number.isNaN(busy) ? null : busy / calls }
    },
  },
  {
    only: 'bulk',
    warm: ({ client, big }) => flood(client, big, WARM_RESULTS, BIG_IN_FLIGHT),
    sample: async ({ client, big }, size) => {
      const results = Math.round(64 * size)
      const seconds = await flood(client, big, results, BIG_IN_FLIGHT)
      return { bulk: (results * big.answerBytes) / MEGABYTE / seconds }
    },
  },
]

/** Every figure in the order of the table; `target` is for `wrap` against the bare relay, `signedTarget` for it under a signed policy. */
export const FIGURES = [
  {
    name: 'start',
    label: 'start until `initialize` answered',
    unit: 'ms',
    target: { ratioAtMost: 1.5 },
    signedTarget: { ratioAtMost: 1.6 },
  },
  {
    name: 'roundtrip',
    label: 'round trip of a 1 KB call, median',
    unit: 'µs',
    target: { ratioAtMost: 1.4 },
  },
  { name: 'p99', label: 'round trip of a 1 KB call, p99', unit: 'µs', target: null },
  {
    name: 'calls',
    label: '1 KB calls per second, 64 in flight',
    unit: '/s',
    target: { ratioAtLeast: 0.7 },
  },
  { name: 'processor', label: 'its own processor time per such call', unit: 'µs', target: null },
  { name: 'bulk', label: '1 MB results, 4 in flight', unit: 'MB/s', target: { ratioAtLeast: 0.7 } },
  {
    name: 'memory',
    label: 'memory after all that (PSS)',
    unit: 'MB',
    target: { moreAtMost: 30 },
  },
]

/** Reads the proportional set size of one process in MB; null where there is no /proc. */
export function memoryOf(pid) {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(fromProc(pid, 'smaps_rollup'))?.[1]
  return kilobytes === undefined ? null : Number(kilobytes) / 1024
}

/** Adds up the time that all threads of a process have run; NaN where there is no /proc. */
function busyMicroseconds(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const times = threads.map((thread) => Number(fromProc(pid, `task/${thread}/schedstat`).split(' ')[0]))
    return times.reduce((sum, nanoseconds) => sum + nanoseconds / 1000, 0)
  } catch {
    return Number.NaN
  }
}

function fromProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function at(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
