// usage: npm run bench -- [--quick] [--only start,roundtrip,calls,bulk,memory,policy,approval,list,verify,show,upload] [--json] [--cpu-prof DIR] [--heap-prof DIR]
//
// Measures `hoopctl wrap` beside a direct connection, a bare relay and mcp-transport-firewall, turn about in one run.
// Before that a large policy beside a small one (policy-size.mjs); after it what a person's yes takes (approvals.mjs), what a
// list of many sessions does (list.mjs), what reading a large one does (read-logs.mjs), and what uploading costs (upload.mjs).
// docs/performance.md says how to read it. Nothing is asserted: a machine that is busy is no fault of the code.
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { approvalsTable, measureApprovals } from './approvals.mjs'
import { contenders } from './contenders.mjs'
import { hotSpots } from './hot-spots.mjs'
import { listsTable, measureLists } from './list.mjs'
import { measureLoads, measureStarts, Samples, temporaryDirectory } from './measure.mjs'
import { measurePolicySizes, policySizesTable } from './policy-size.mjs'
import { measureShow, measureVerify, showTable, verifyTable } from './read-logs.mjs'
import { summarize, table } from './report.mjs'
import { measureUpload, uploadTable } from './upload.mjs'

const OF_WRAP = ['start', 'roundtrip', 'calls', 'bulk', 'memory']
const PARTS = [...OF_WRAP, 'policy', 'approval', 'list', 'verify', 'show', 'upload']
const OF_SESSIONS = new Set(['roundtrip', 'calls', 'bulk', 'memory'])
// Sessions are opened anew for each generation: how a process was compiled and laid out is a matter of luck.
const WHOLE = {
  starts: 20,
  generations: 3,
  turns: 5,
  size: 1,
  approvals: 100,
  lists: 15,
  logs: 5,
  uploads: 150,
}
const LOG_MEGABYTES = [10, 100, 1000]
const QUICK = {
  starts: 7,
  generations: 1,
  turns: 3,
  size: 0.4,
  approvals: 20,
  lists: 5,
  logs: 1,
  uploads: 40,
}

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: PARTS.join() },
    json: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    'heap-prof': { type: 'string' },
  },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))

const only = partsOf(flags.only)
const profile = flags['cpu-prof'] ?? flags['heap-prof']
if (profile === undefined) await bench()
else await profiled(resolve(profile))

async function bench() {
  const policy = only.has('policy') ? measurePolicySizes() : null
  const sessions = only.has('start') || needsSession() ? await benchSessions() : null
  const approvals = only.has('approval') ? await benchApprovals() : null
  const lists = only.has('list') ? benchLists() : null
  const { verify, show } = await benchLogs()
  const upload = only.has('upload') ? await benchUpload() : null
  const others = { policy, approvals, lists, verify, show, upload }
  if (flags.json) return void process.stdout.write(`${JSON.stringify({ ...sessions, ...others }, null, 2)}\n`)
  if (sessions !== null) process.stdout.write(table(sessions))
  if (policy !== null) process.stdout.write(policySizesTable(policy))
  if (approvals !== null) process.stdout.write(approvalsTable(approvals))
  if (lists !== null) process.stdout.write(listsTable(lists))
  if (verify !== null) process.stdout.write(verifyTable(verify))
  if (show !== null) process.stdout.write(showTable(show))
  if (upload !== null) process.stdout.write(uploadTable(upload))
}

async function benchLogs() {
  const [sizes, { logs: runs }] = flags.quick ? [LOG_MEGABYTES.slice(0, 2), QUICK] : [LOG_MEGABYTES, WHOLE]
  const directory = temporaryDirectory()
  const measure = { directory, sizes, runs }
  return {
    verify: only.has('verify') ? await measureVerify(measure) : null,
    show: only.has('show') ? await measureShow(measure) : null,
  }
}

function benchUpload() {
  return measureUpload({ directory: temporaryDirectory(), pairs: (flags.quick ? QUICK : WHOLE).uploads })
}

function benchLists() {
  return measureLists({ directory: temporaryDirectory(), runs: (flags.quick ? QUICK : WHOLE).lists })
}

async function benchApprovals() {
  const { approvals: count } = flags.quick ? QUICK : WHOLE
  try {
    return await measureApprovals({ directory: temporaryDirectory(), count })
  } catch (error) {
    process.stderr.write(`bench: approvals: ${error.message}\n`)
    return null
  }
}

async function benchSessions() {
  const directory = temporaryDirectory()
  const all = await contenders({ directory, mayInstall: !flags.quick })
  const samples = new Samples(all)
  const { starts, generations, turns, size } = flags.quick ? QUICK : WHOLE
  if (only.has('start')) await measureStarts({ contenders: all, samples, directory, runs: starts })
  for (let generation = 0; generation < generations && needsSession(); generation += 1) {
    await measureLoads({ contenders: all, samples, directory, turns, size, only })
  }
  return summarize(all, samples)
}

/** Runs `wrap` alone, under Node's profiler; what is slower for that is not reported. */
async function profiled(output) {
  mkdirSync(output, { recursive: true })
  const kind = flags['cpu-prof'] === undefined ? 'heap-prof' : 'cpu-prof'
  const directory = temporaryDirectory()
  const nodeFlags = [`--${kind}`, `--${kind}-dir=${output}`]
  const wrap = (await contenders({ directory, nodeFlags })).filter(({ name }) => name === 'wrap')
  const samples = new Samples(wrap)
  const common = { contenders: wrap, samples, directory }
  if (needsSession()) await measureLoads({ ...common, turns: 3, size: 1, only })
  else await measureStarts({ ...common, runs: 1 })
  for (const [name, why] of samples.failures) throw new Error(`${name}: ${why}`)
  process.stdout.write(kind === 'cpu-prof' ? hotSpots(output) : `the heap profile is in ${output}\n`)
}

function needsSession() {
  return [...only].some((part) => OF_SESSIONS.has(part))
}

function partsOf(list) {
  const parts = list.split(',')
  const unknown = parts.find((part) => !PARTS.includes(part))
  if (unknown !== undefined) {
    process.stderr.write(`bench: unknown part \`${unknown}\`; there are ${PARTS.join(', ')}\n`)
    process.exit(2)
  }
  return new Set(parts)
}
