// What a person's yes costs: from the key press in `hoopctl approve`, at a real terminal, to the call at the server.
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from './client.mjs'
import { approvedRequest, KILOBYTE } from './payload.mjs'
import { benchPolicy } from './policy.mjs'

const ROOT = join(import.meta.dirname, '..', '..')
const LAUNCHER = join(ROOT, 'bin/hoopctl.js')
const TERMINAL = join(ROOT, 'test/fixtures/cli/terminal.py')
/** Keys count from 300 ms after a call came into focus, and from two seconds after the last yes. */
const SETTLED_MS = 2050
const PATIENCE_MS = 10_000
const WARM = 5

/**
 * Approves `count` calls of 1 KB, one after the other, each by a key press in the screen of another process. Gives the
 * times from the key press to the arrival at the server. For Linux and macOS, with python3.
 */
export async function measureApprovals({ directory, count }) {
  const home = join(directory, 'approvals-home')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const policy = join(directory, 'approvals.yaml')
  const server = join(import.meta.dirname, 'minimal-server.mjs')
  writeFileSync(policy, benchPolicy(process.execPath, [server]), { mode: 0o600 })
  const env = { ...process.env, HOOPCTL_HOME: home }
  const args = [LAUNCHER, 'wrap', '--policy', policy, 'bench']
  const client = new Client(
    { name: 'approvals', command: process.execPath, args, env, cwd: directory },
    directory,
  )
  const screen = new Screen(env)
  try {
    await client.initialize()
    await client.prepare()
    const took = []
    for (let call = -WARM; call < count; call += 1) {
      const ms = await approveOne(client, screen)
      if (call >= 0) took.push(ms)
    }
    return summarized(took.sort((a, b) => a - b))
  } finally {
    screen.close()
    await client.close()
  }
}

/** Prints what was measured, for people. */
export function approvalsTable({ samples, p50, p99, least, most }) {
  const ms = (value) => `${value.toFixed(1)} ms`
  return [
    '',
    `from the key press in \`hoopctl approve\` to the call at the server: p50 ${ms(p50)}, p99 ${ms(p99)} (goal: below 50 ms)`,
    `${samples} calls of ${KILOBYTE} bytes under 200 rules, proof \`terminal\`, one after the other; ${ms(least)}..${ms(most)}`,
    '',
  ].join('\n')
}

function summarized(sorted) {
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
  return { samples: sorted.length, p50: at(0.5), p99: at(0.99), least: sorted[0], most: sorted.at(-1) }
}

async function approveOne(client, screen) {
  const shown = screen.showsAnotherCall()
  const answer = client.exchange(approvedRequest(client.takeIds(1)))
  answer.catch(() => {}) // awaited below, unless the screen fails first
  await shown
  await wait(SETTLED_MS)
  const pressed = process.hrtime.bigint()
  screen.press('a')
  // The server answers with the time, by the same clock, at which the call arrived.
  const { result } = JSON.parse(await answer)
  return Number(BigInt(result.content[0].text) - pressed) / 1e6
}

/** `hoopctl approve` at a pseudo-terminal of 80 columns. */
class Screen {
  #child
  #seen = new Set()
  #shown = ''
  #look = () => {}

  constructor(env) {
    const words = [process.execPath, LAUNCHER, 'approve']
    const sized = ['sh', '-c', 'stty rows 24 columns 80; exec "$0" "$@"', ...words]
    this.#child = spawn('python3', [TERMINAL, ...sized], { env: { ...env, TERM: 'xterm' }, stdio: 'pipe' })
    this.#child.on('error', () => {}) // who waits for what it shows is told that it did not
    this.#child.stdin.on('error', () => {})
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.#shown += text
      this.#look()
    })
  }

  /** Waits until the screen shows an approval's id that it has not shown before. */
  async showsAnotherCall() {
    const { promise, resolve, reject } = Promise.withResolvers()
    const late = () =>
      reject(new Error(`the screen shows no call: ${JSON.stringify(this.#shown.slice(-300))}`))
    const timer = setTimeout(late, PATIENCE_MS)
    this.#look = () => {
      const id = this.#shown.match(/A-[0-9A-Z]{8}/gu)?.find((one) => !this.#seen.has(one))
      if (id === undefined) return
      this.#seen.add(id)
      this.#shown = ''
      resolve()
    }
    this.#look()
    await promise.finally(() => clearTimeout(timer))
  }

  press(key) {
    this.#child.stdin.write(key)
  }

  close() {
    this.#child.kill()
  }
}
