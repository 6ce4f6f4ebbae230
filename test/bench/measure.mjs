import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from './client.mjs'
import { LOADS, memoryOf } from './figures.mjs'
import { tryCall } from './load.mjs'
import { KILOBYTE, MEGABYTE } from './payload.mjs'

/** Makes a directory for everything that a run writes; it goes when the process ends. */
export function temporaryDirectory() {
  const directory = mkdtempSync(join(tmpdir(), 'hoopctl-bench-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))
  return directory
}

/** Collects samples by figure and contender; a contender that failed once is left out from then on. */
export class Samples {
  #values = new Map()
  failures = new Map()

  constructor(contenders) {
    for (const { name, missing } of contenders) if (missing !== null) this.failures.set(name, missing)
  }

  add(contender, sample) {
    for (const [figure, value] of Object.entries(sample)) {
      if (value === null) continue
      this.of(figure, contender).push(value)
    }
  }

  /** Returns the samples of one figure and contender, oldest first. */
  of(figure, contender) {
    const key = `${figure} ${contender}`
    if (!this.#values.has(key)) this.#values.set(key, [])
    return this.#values.get(key)
  }

  /** Runs `step` for a contender; what it throws is told on stderr with the contender's name, and remembered. */
  async attempt({ name }, step) {
    if (this.failures.has(name)) return
    try {
      await step()
    } catch (error) {
      this.failures.set(name, error.message)
      process.stderr.write(`bench: ${name}: ${error.message}\n`)
    }
  }
}

/** Starts each contender in turn, `runs` times and once to warm up: the time from spawn to the first answer. */
export async function measureStarts({ contenders, samples, directory, runs }) {
  for (let run = -1; run < runs; run += 1) {
    for (const contender of inTurn(contenders, run)) {
      await samples.attempt(contender, async () => {
        const startedAt = performance.now()
        const client = new Client(contender, directory)
        try {
          await client.initialize()
          if (run >= 0) samples.add(contender.name, { start: performance.now() - startedAt })
        } finally {
          await client.close()
        }
      })
    }
  }
}

/** Opens a session of each contender, and takes `turns` samples of each load, turn about; then reads the memory. */
export async function measureLoads({ contenders, samples, directory, turns, size, only }) {
  const sessions = new Map()
  const loads = LOADS.filter((load) => only.has(load.only))
  try {
    await forEach(contenders, 0, async (contender) => {
      sessions.set(contender.name, await openSession(contender, directory))
    })
    for (const load of loads) {
      await forEach(contenders, 0, ({ name }) => load.warm(sessions.get(name)))
      for (let turn = 0; turn < turns; turn += 1) {
        await forEach(contenders, turn, async ({ name, share }) => {
          samples.add(name, await load.sample(sessions.get(name), size * share))
        })
      }
    }
    if (only.has('memory')) readMemory()
  } finally {
    for (const { client } of sessions.values()) await client.close()
  }

  async function forEach(some, turn, step) {
    for (const contender of inTurn(some, turn)) await samples.attempt(contender, () => step(contender))
  }

  // Of the proxy alone: the server is a process of its own, and the direct client has no proxy.
  function readMemory() {
    for (const [name, { client }] of sessions) {
      if (name !== 'direct') samples.add(name, { memory: memoryOf(client.pid) })
    }
  }
}

async function openSession(contender, directory) {
  const client = new Client(contender, directory)
  try {
    await client.initialize()
    await client.prepare()
    const small = await tryCall(client, KILOBYTE, contender.authorization)
    const big = await tryCall(client, MEGABYTE, contender.authorization)
    return { client, small, big }
  } catch (error) {
    await client.close()
    throw error
  }
}

// Each turn another contender is first, so that none always runs behind the same neighbour.
function inTurn(contenders, turn) {
  const first = (turn + contenders.length) % contenders.length
  return [...contenders.slice(first), ...contenders.slice(0, first)]
}
