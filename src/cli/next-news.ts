import type { Question } from '../approval.ts'
import { HoopctlError } from '../errors.ts'
import type { SharedState } from '../state/shared-state.ts'
import { visible } from '../visible.ts'
import type { Waiting } from './approvals/await-answers.ts'
import type { Context } from './context.ts'
import { durationInWords } from './duration.ts'

const TICK_MS = 1000
const TO_THE_END = '\u001B[K'
const CLEAR = `\r${TO_THE_END}`

/** How somebody at a command waits for answers: woken by the bell of the shared state, each second, and by a signal. */
export class News implements Waiting {
  readonly #approval: string
  readonly #stderr: Context['stderr']
  readonly #stop: () => void
  #wake = (): void => undefined
  #rung = false
  #signal: NodeJS.Signals | null = null

  constructor({ approval }: Pick<Question, 'approval'>, shared: SharedState, context: Context) {
    this.#approval = approval
    this.#stderr = context.stderr
    this.#stop = shared.onBell(() => this.#ring())
    context.onSignal((name) => {
      this.#signal = name
      this.#ring()
    })
  }

  goOn(): void {
    if (this.#signal === null) return
    const message = `you took ${this.#approval} back before enough people agreed`
    throw new HoopctlError('CANCELLED', message, { hint: 'ask again', cause: this.#signal })
  }

  // On a terminal alone: elsewhere nobody watches it.
  left(ms: number): void {
    if (this.#stderr.isTTY !== true) return
    this.#stderr.write(`\r  ${this.#approval} waits: ${durationInWords(ms)} left ${TO_THE_END}`)
  }

  say(line: string): void {
    this.#clear()
    this.#stderr.write(`hoopctl: ${visible(line)}\n`)
  }

  async next(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, TICK_MS)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#rung = false
  }

  /** Ends it, and takes the countdown away. */
  close(): void {
    this.#stop()
    this.#clear()
  }

  #ring(): void {
    this.#rung = true
    this.#wake()
  }

  #clear(): void {
    if (this.#stderr.isTTY === true) this.#stderr.write(CLEAR)
  }
}
