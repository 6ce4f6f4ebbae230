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

/** The tasks that allowed calls of this session made. What is not in here is refused, whatever it is called. */
export class Tasks {
  readonly #tasks = new Map<string, Task>()

  /** Remembers a task; the oldest is forgotten above 4,096 of them, which then can no longer be read. */
  add(id: string, task: Task): void {
    this.#tasks.set(id, task)
    const [oldest] = this.#tasks.keys()
    if (this.#tasks.size > TASKS_KEPT && oldest !== undefined) this.#tasks.delete(oldest)
  }

  get(id: string): Task | undefined {
    return this.#tasks.get(id)
  }

  has(id: string): boolean {
    return this.#tasks.has(id)
  }

  /** Does a progress token belong to a task? Progress goes on after the call that made it was answered. */
  hasToken(token: Id): boolean {
    for (const task of this.#tasks.values()) if (task.progressToken === token) return true
    return false
  }
}
