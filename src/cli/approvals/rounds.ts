/** What waiting needs of the world. */
export interface Timers {
  /** Calls later; keeps no process alive. Returns what stops that. */
  after(ms: number, call: () => void): () => void
  /** From 0 up to 1. */
  random(): number
}

/** Waits in fact. */
export const TIMERS: Timers = {
  after(ms, call) {
    const timer = setTimeout(call, ms).unref()
    return () => clearTimeout(timer)
  },
  random: Math.random,
}

/** What is done again and again. */
export interface Course {
  /** Does it once; gives the milliseconds until the next time, null: not before somebody wakes it. */
  readonly round: () => Promise<number | null>
  /** Is told what a round threw. It is done again later, ever later for as long as it fails. */
  readonly failed: (error: unknown) => void
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/**
 * Does something in rounds, never two at once. No two processes wait equally long: those of a whole company would meet at
 * the same store at the same moments.
 */
export class Rounds {
  readonly #course: Course
  readonly #timers: Timers
  #stop: (() => void) | null = null
  #running: Promise<void> | null = null
  #again = false
  #failures = 0
  #closed = false

  constructor(course: Course, timers: Timers = TIMERS) {
    this.#course = course
    this.#timers = timers
  }

  /** Begins a round now, or after the one that runs; resolves when that has ended, whatever came of it. */
  async wake(): Promise<void> {
    if (this.#closed) return
    if (this.#running !== null) {
      this.#again = true
      await this.#running
      return
    }
    this.#stop?.()
    this.#running = this.#run()
    await this.#running
  }

  /** Begins no more rounds; one that runs goes on to its end. */
  close(): void {
    this.#closed = true
    this.#stop?.()
  }

  async #run(): Promise<void> {
    let pause: number | null
    do {
      this.#again = false
      pause = await this.#once()
    } while (this.#again && !this.#closed)
    this.#running = null
    if (pause === null || this.#closed) return
    const ms = pause * (0.8 + 0.4 * this.#timers.random())
    this.#stop = this.#timers.after(ms, () => void this.wake())
  }

  async #once(): Promise<number | null> {
    try {
      const pause = await this.#course.round()
      this.#failures = 0
      return pause
    } catch (error) {
      this.#failures += 1
      this.#course.failed(error)
      return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1))
    }
  }
}
