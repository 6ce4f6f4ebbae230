import { type ChildProcess, spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { PolicyFeed } from '../../shim/feeds.ts'
import type { Context } from '../context.ts'

/** What is uploaded, and by which policy. */
export interface Uploaded {
  readonly feed: PolicyFeed
  /** `--policy`, as it was typed. */
  readonly policy: string | undefined
  /** Where the log of this session is now. */
  readonly path: () => string
}

const LOOK_MS = 10_000
// Each process that uploads to a web server has the provider make an access token, and providers count.
const WEB_LOOK_MS = 60_000
const LONGEST_MS = 10 * 60_000

/**
 * Has another process upload what was recorded (`hoopctl sessions upload`), a few seconds after it was written (a minute
 * where a web server gets it) and once the session is over: no call waits for it, and it goes on when this process has
 * ended. After a failure it is tried less often.
 */
export class BackgroundUploads {
  readonly #uploaded: Uploaded
  readonly #context: Context
  #timer: NodeJS.Timeout | null = null
  #running: ChildProcess | null = null
  #bytes = -1
  #failures = 0

  constructor(uploaded: Uploaded, context: Context) {
    this.#uploaded = uploaded
    this.#context = context
    this.#sleep()
  }

  /** Ends it; what was written last is sent by a process that stays. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#isWanted()) this.#start()
  }

  // Not all at once, where many clients were started together.
  #sleep(): void {
    const waitMs = Math.min(LONGEST_MS, this.#lookMs() * 2 ** this.#failures)
    this.#timer = setTimeout(() => this.#look(), waitMs * (0.75 + Math.random() / 2)).unref()
  }

  #lookMs(): number {
    const { uploads } = this.#uploaded.feed.current().policy
    return uploads.some(({ audience }) => audience !== null) ? WEB_LOOK_MS : LOOK_MS
  }

  #look(): void {
    if (this.#isWanted() && this.#running === null && this.#hasChanged()) this.#start()
    this.#sleep()
  }

  #hasChanged(): boolean {
    const before = this.#bytes
    this.#bytes = statSync(this.#uploaded.path(), { throwIfNoEntry: false })?.size ?? -1
    return before !== this.#bytes
  }

  #isWanted(): boolean {
    return this.#uploaded.feed.current().policy.uploads.length > 0
  }

  #start(): void {
    const { policy } = this.#uploaded
    const { launcher, env, workingDirectory } = this.#context
    const [node, script] = launcher
    const named = policy === undefined ? [] : ['--policy', resolve(workingDirectory, policy)]
    const args = [script, 'sessions', 'upload', ...named]
    const child = spawn(node, args, { env: { ...env }, cwd: '/', stdio: 'ignore', detached: true })
    this.#running = child
    child.once('error', () => this.#ended(false)).once('exit', (code) => this.#ended(code === 0))
    child.unref()
  }

  #ended(isGood: boolean): void {
    this.#running = null
    this.#failures = isGood ? 0 : this.#failures + 1
    if (!isGood) this.#bytes = -1 // also where nothing is written meanwhile
  }
}
