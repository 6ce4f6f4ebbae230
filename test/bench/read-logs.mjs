// What reading one large log takes: `sessions verify` beside the mere hashing of its lines, turn about, and `sessions show`
// until its first byte, with the memory that it held at most. Each run is a process of its own, the file in the page cache.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { generateLog, KINDS } from './generated-log.mjs'

const LAUNCHER = join(import.meta.dirname, '../../bin/hoopctl.js')
const HASH_LINES = join(import.meta.dirname, 'hash-lines.mjs')
const RESOURCES = pathToFileURL(join(import.meta.dirname, 'resources.mjs')).href
const MB = 1e6

/** Measures `verify` for each kind of log and each size in MB; of `runs` the medians. */
export async function measureVerify({ directory, sizes, runs }) {
  const measured = []
  for (const log of logsOf(directory, sizes)) {
    const [verify, floor] = [[], []]
    await run(log, [HASH_LINES, log.path]) // and the file is in the page cache
    for (let turn = 0; turn < runs; turn += 1) {
      verify.push(await run(log, [LAUNCHER, 'sessions', 'verify', '1']))
      floor.push(await run(log, [HASH_LINES, log.path]))
    }
    const speed = (name) => log.bytes / MB / (median(verify.map((each) => each[name])) / 1000)
    const toFloor = median(verify.map(({ busyMs }, turn) => busyMs / floor[turn].busyMs))
    const peakMb = Math.max(...verify.map(({ peakKib }) => peakKib)) / 1024
    measured.push({
      ...about(log),
      perSecond: speed('totalMs'),
      perBusySecond: speed('busyMs'),
      toFloor,
      peakMb,
    })
  }
  return measured
}

/** Measures `show`, and `show --json`, for each kind of log and each size in MB; of `runs` the medians, of memory the most. */
export async function measureShow({ directory, sizes, runs }) {
  const measured = []
  for (const log of logsOf(directory, sizes)) {
    const shown = await repeated(log, ['show', '1'], runs)
    const json = await repeated(log, ['show', '--json', '1'], runs)
    measured.push({ ...about(log), shown, json })
  }
  return measured
}

/** Prints what was measured of `verify`, for people. */
export function verifyTable(measured) {
  const row = ({ kind, mb, records, perSecond, perBusySecond, toFloor, peakMb }) =>
    cells([kind, `${mb} MB`, records, ...[perSecond, perBusySecond, peakMb].map(whole), toFloor.toFixed(1)])
  return [
    '',
    cells([
      '`sessions verify`, messages',
      'log',
      'records',
      'MB/s',
      'MB/s busy',
      'most MB',
      'to hashing alone',
    ]),
    ...measured.map(row),
    '(goal: at least 100 MB/s. `busy`: by the processor time of all its threads. The last column: how many times the processor',
    'time of the SHA-256 of the lines and messages alone)',
    '',
  ].join('\n')
}

/** Prints what was measured of `show`, for people. */
export function showTable(measured) {
  const numbers = ({ firstMs, totalMs, peakMb }) => [firstMs, totalMs, peakMb].map(whole)
  const row = ({ kind, mb, shown, json }) => cells([kind, `${mb} MB`, ...numbers(shown), ...numbers(json)])
  const titles = ['first ms', 'all ms', 'most MB']
  return [
    '',
    cells(['`sessions show`, messages', 'log', ...titles, ...titles.map((title) => `json ${title}`)]),
    ...measured.map(row),
    '(goal for 1 GB: the first byte within 1000 ms, at most 200 MB)',
    '',
  ].join('\n')
}

function whole(value) {
  return value.toFixed(0)
}

function cells([first, ...others]) {
  return `${first.padEnd(30)}${others.map((each) => String(each).padStart(18)).join('')}`
}

const logs = new Map()

// All sizes of the ordinary kind, which tell how it grows; of the others the largest.
function logsOf(directory, sizes) {
  const wanted = [
    ...sizes.map((mb) => ['ordinary', mb]),
    ...['small', 'large'].map((kind) => [kind, Math.max(...sizes)]),
  ]
  return wanted.map(([kind, mb]) => {
    const home = join(directory, `${kind}-${mb}`)
    if (!logs.has(home))
      logs.set(home, { home, kind, ...generateLog({ home, bytes: mb * MB, sizes: KINDS[kind] }) })
    return logs.get(home)
  })
}

function about({ kind, bytes, records }) {
  return { kind, mb: Math.round(bytes / MB), records }
}

async function repeated(log, args, runs) {
  const all = []
  for (let turn = 0; turn < runs; turn += 1) all.push(await run(log, [LAUNCHER, 'sessions', ...args]))
  const of = (name) => all.map((each) => each[name])
  return {
    firstMs: median(of('firstMs')),
    totalMs: median(of('totalMs')),
    peakMb: Math.max(...of('peakKib')) / 1024,
  }
}

async function run({ home }, args) {
  const started = performance.now()
  const child = spawn(process.execPath, ['--import', RESOURCES, ...args], {
    env: { ...process.env, HOOPCTL_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  let firstMs = Number.NaN
  let used = ''
  child.stdout.once('data', () => {
    firstMs = performance.now() - started
  })
  child.stdout.resume()
  child.stdio[3].on('data', (text) => {
    used += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${args.join(' ')}: ended with ${code}`)
  const totalMs = performance.now() - started
  const [peakKib, busyMs] = used.split(' ').map(Number)
  return { firstMs, totalMs, peakKib, busyMs }
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
}
