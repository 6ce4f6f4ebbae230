import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const LF = 10
const HANG_MS = 60_000
const GOODBYE_MS = 5_000
const FIRST_ID = 1_000_000 // all ids have seven digits, so that all answers have one length
const STDERR_TAIL = 400
const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1.0.0' },
}
const running = new Set()

// Whatever ends the benchmark, nothing that it started stays behind.
process.on('exit', () => {
  for (const client of running) client.kill()
})

/** A stdio client without an SDK, so that what is measured is the contender. It starts the contender's process. */
export class Client {
  #child
  #stderrPath
  #nextId = FIRST_ID
  #onChunk = () => {}
  #onEnd = () => {}

  /** Starts `contender`; its stderr goes to a file in `directory`. */
  constructor({ name, command, args, env, cwd }, directory) {
    this.#stderrPath = join(directory, `${name}.stderr`)
    const stderr = openSync(this.#stderrPath, 'w')
    this.#child = spawn(command, args, { env, cwd, stdio: ['pipe', 'pipe', stderr] })
    closeSync(stderr)
    this.#child.stdout.on('data', (chunk) => this.#onChunk(chunk))
    this.#child.stdin.on('error', () => {}) // it ended first: `close` says so
    this.#child.on('error', ({ message }) => this.#onEnd(message))
    this.#child.on('close', (code, signal) => {
      running.delete(this)
      this.#onEnd(`ended early with ${signal ?? code}`)
    })
    running.add(this)
  }

  get pid() {
    return this.#child.pid
  }

  /** Reserves `count` ids that follow each other; returns the first. */
  takeIds(count) {
    this.#nextId += count
    return this.#nextId - count
  }

  write(bytes) {
    this.#child.stdin.write(bytes)
  }

  /** Waits until `bytes` bytes came; `onChunk` sees each chunk. Throws when it hangs, ends, or says more than that. */
  async receive(bytes, onChunk) {
    let missing = bytes
    await this.#answering((chunk, done) => {
      onChunk(chunk)
      missing -= chunk.length
      if (missing === 0) done()
      if (missing < 0) throw new Error(`sent ${-missing} bytes more than the ${bytes} of its answers`)
    })
  }

  /** Sends one request and waits for one line; returns it. Throws where it is an error, also a tool's own. */
  async exchange(request) {
    const chunks = []
    this.write(request)
    await this.#answering((chunk, done) => {
      chunks.push(chunk)
      if (chunk[chunk.length - 1] === LF) done()
    })
    const line = Buffer.concat(chunks)
    const { error, result } = JSON.parse(line)
    if (error !== undefined || result.isError === true)
      throw new Error(`refused: ${line.subarray(0, 300).toString()}`)
    return line
  }

  /** Sends `initialize` and waits for its answer. */
  async initialize() {
    await this.#ask('initialize', INITIALIZE)
  }

  /** Does what clients do next: says that it is ready, and lists the tools. */
  async prepare() {
    this.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    await this.#ask('tools/list', {})
  }

  /** Closes the contender's stdin and waits for its end; kills it where it does not end. */
  async close() {
    this.#onEnd = () => {}
    if (!running.has(this)) return
    this.#child.stdin.end()
    const { promise, resolve } = Promise.withResolvers()
    const timer = setTimeout(() => this.kill(), GOODBYE_MS)
    this.#child.once('close', resolve)
    await promise
    clearTimeout(timer)
  }

  kill() {
    this.#child.kill('SIGKILL')
  }

  async #ask(method, params) {
    const message = { jsonrpc: '2.0', id: this.takeIds(1), method, params }
    await this.exchange(`${JSON.stringify(message)}\n`)
  }

  async #answering(onChunk) {
    const { promise, resolve, reject } = Promise.withResolvers()
    const fail = (why) => reject(new Error(`${why}${this.#lastWords()}`))
    const timer = setTimeout(() => fail(`no answer within ${HANG_MS / 1000} s`), HANG_MS)
    this.#onEnd = fail
    this.#onChunk = (chunk) => {
      try {
        onChunk(chunk, resolve)
      } catch (error) {
        reject(error)
      }
    }
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }

  #lastWords() {
    const text = readFileSync(this.#stderrPath, 'utf8').trim()
    return text === '' ? '' : `; stderr: ${text.slice(-STDERR_TAIL)}`
  }
}
