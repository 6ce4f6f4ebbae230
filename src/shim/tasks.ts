import type { Call } from '../decision.ts'
import type { Id } from './message.ts'

/** A task of the server, with the call that made it. */
export interface Task {
  readonly call: Call
  /** The method of the request that made it; its result has that method's shape. */
  readonly method: string
  readonly progressToken: Id | null
}

const TASKS_KEPT = 4096
const CHARACTERS_KEPT = 32 * 1024 ** 2

/** The tasks that allowed calls of this session made. What is not in here is refused, whatever it is called. */
export class Tasks {
  readonly #tasks = new Map<string, Task>()
  #characters = 0
  #othersMade = false

  /**
   * Remembers a task. The oldest are forgotten, and can no longer be read, above 4,096 tasks or when the arguments of
   * their calls have more than 32 Mi characters.
   */
  add(id: string, task: Task): void {
    this.#forget(id)
    this.#tasks.set(id, task)
    this.#characters += weight(task)
    for (const [oldest] of this.#tasks) {
      if (this.#tasks.size <= TASKS_KEPT && this.#characters <= CHARACTERS_KEPT) return
      this.#forget(oldest)
    }
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id)
  }

  has(id: string): boolean {
    return this.#tasks.has(id)
  }

  /** The progress tokens of all of them. */
  tokens(): Id[] {
    return [...this.#tasks.values()].flatMap(({ progressToken }) => progressToken ?? [])
  }

  /** May a task that is not in here be that of somebody who asked before? */
  get othersMade(): boolean {
    return this.#othersMade
  }

  /** Forgets all, because somebody else asks from now on. */
  clear(): void {
    this.#othersMade = true
    this.#tasks.clear()
    this.#characters = 0
  }

  #forget(id: string): void {
    const task = this.#tasks.get(id)
    if (task === undefined) return
    this.#tasks.delete(id)
    this.#characters -= weight(task)
  }

  /** Finds the tasks that a progress token belongs to: progress goes on after the call that made it was answered. */
  ofToken(token: Id): Task[] {
    return [...this.#tasks.values()].filter(({ progressToken }) => progressToken === token)
  }
}

function weight({ call }: Task): number {
  return call.kind === 'tool' || call.kind === 'prompt' ? call.args.length : 0
}
