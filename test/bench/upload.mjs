// What uploading costs a call: `wrap` whose policy sends logs to a directory beside the same without it. Both run all the
// time and take short turns, so that what slows the machine for a while, the uploading process too, slows both of a pair.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Client } from './client.mjs'
import { flood, oneByOne, tryCall } from './load.mjs'
import { KILOBYTE } from './payload.mjs'
import { benchPolicy } from './policy.mjs'

const LAUNCHER = join(import.meta.dirname, '../../bin/hoopctl.js')
const SERVER = join(import.meta.dirname, 'minimal-server.mjs')
const CALLS = 500
const IN_FLIGHT = 64
const WARM_CALLS = 3000

/** Measures `pairs` turns of both, each first in every other pair. */
export async function measureUpload({ directory, pairs }) {
  const destination = join(directory, 'evidence')
  mkdirSync(destination, { mode: 0o700 })
  const url = JSON.stringify(`${pathToFileURL(destination).href}/`)
  const clients = {
    plain: start('plain', '', directory),
    uploading: start('uploading', `audit: { upload: { to: [{ url: ${url} }] } }\n`, directory),
  }
  const measured = []
  try {
    const calls = { plain: await warm(clients.plain), uploading: await warm(clients.uploading) }
    for (let pair = 0; pair < pairs; pair += 1) {
      const order = pair % 2 === 0 ? ['uploading', 'plain'] : ['plain', 'uploading']
      const turns = {}
      const before = hasUploader(clients.uploading)
      for (const name of order) turns[name] = await turn(clients[name], calls[name])
      measured.push({ ...turns, uploader: before || hasUploader(clients.uploading) })
    }
  } finally {
    for (const client of Object.values(clients)) await client.close()
  }
  return { pairs: measured, objects: objectsIn(destination) }
}

/** Prints what was measured, for people. */
export function uploadTable({ pairs, objects }) {
  const during = pairs.filter(({ uploader }) => uploader)
  const row = (label, name, unit) => {
    const of = (some, who) => quartiles(some.map((pair) => pair[who][name]))[1]
    const [low, middle, high] = quartiles(pairs.map((pair) => pair.uploading[name] / pair.plain[name]))
    const ratio = [middle.toFixed(2), `${low.toFixed(2)}..${high.toFixed(2)}`]
    const values = [of(pairs, 'plain'), of(pairs, 'uploading'), of(during, 'uploading')]
    return cells([label, ...values.map((value) => `${value.toFixed(0)} ${unit}`), ...ratio])
  }
  return [
    '',
    cells(['`wrap` and uploads', 'without upload', 'with', 'while one runs', 'ratio', 'quartiles']),
    row('round trip of a 1 KB call, median', 'roundTrip', 'µs'),
    row('round trip of a 1 KB call, p99', 'p99', 'µs'),
    row(`1 KB calls per second, ${IN_FLIGHT} in flight`, 'calls', '/s'),
    `(goal: a ratio of 1.0 within noise. ${pairs.length} pairs; in ${during.length} the uploading process ran; ${objects} objects were uploaded)`,
    '',
  ].join('\n')
}

function cells([first, ...others]) {
  return `${first.padEnd(40)}${others.map((each) => each.padStart(18)).join('')}`
}

function start(name, more, directory) {
  const policy = join(directory, `${name}.yaml`)
  const home = join(directory, `${name}-home`)
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(policy, benchPolicy(process.execPath, [SERVER]) + more, { mode: 0o600 })
  const env = { ...process.env, HOOPCTL_HOME: home }
  const args = [LAUNCHER, 'wrap', '--policy', policy, 'bench']
  return new Client({ name, command: process.execPath, args, env, cwd: directory }, directory)
}

async function warm(client) {
  await client.initialize()
  await client.prepare()
  const call = await tryCall(client, KILOBYTE)
  await flood(client, call, WARM_CALLS, IN_FLIGHT)
  return call
}

async function turn(client, call) {
  const took = await oneByOne(client, call, CALLS)
  const calls = (2 * CALLS) / (await flood(client, call, 2 * CALLS, IN_FLIGHT))
  return { roundTrip: took[Math.floor(CALLS / 2)], p99: took[Math.floor(CALLS * 0.99)], calls }
}

// Beside its server it has no other child (Linux; elsewhere none is seen).
function hasUploader({ pid }) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').length > 1
  } catch {
    return false
  }
}

function objectsIn(destination) {
  const files = readdirSync(destination, { recursive: true, withFileTypes: true })
  return files.filter((each) => each.isFile()).length
}

function quartiles(values) {
  const sorted = values.toSorted((one, other) => one - other)
  return [0.25, 0.5, 0.75].map((share) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN)
}
