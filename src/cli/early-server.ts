import type { Server } from '../policy/policy.ts'
import type { Context } from './context.ts'
import { startWithUs, type WithUs } from './start-with-us.ts'
import { chooseTarget, type Target, type WrapOptions } from './wrap-target.ts'

/** A server that is starting. */
export interface Starting extends WithUs {
  readonly target: Target
}

/**
 * Starts the server while the rest of the policy is read: each takes about as long as the other. It is sent nothing before the
 * policy is known to be sound, and ends at once where it is not (docs/decisions/0003-start-the-server-early.md).
 */
export class EarlyServer {
  readonly #options: WrapOptions
  readonly #context: Context
  #starting: Starting | null = null
  #turn = 0

  constructor(options: WrapOptions, context: Context) {
    this.#options = options
    this.#context = context
  }

  /**
   * Starts what these servers say, in place of what was started before. Throws what `chooseTarget` throws.
   * @param prepare comes right before
   */
  readonly start = async (
    servers: ReadonlyMap<string, Server>,
    prepare?: () => Promise<void>,
  ): Promise<void> => {
    this.undo()
    const turn = this.#turn
    const target = await chooseTarget(this.#options, servers, this.#context)
    await prepare?.()
    if (turn !== this.#turn) return // it was undone meanwhile
    this.#starting = { target, ...startWithUs(target.command, this.#context) }
  }

  /** Looks whether what these servers say could be started. Throws what `chooseTarget` throws. */
  readonly check = async (servers: ReadonlyMap<string, Server>): Promise<void> => {
    await chooseTarget(this.#options, servers, this.#context)
  }

  /** Ends what was started, and what is about to be. */
  readonly undo = (): void => {
    this.#turn += 1
    this.#starting?.child?.kill()
    this.#starting?.heard()
    this.#starting = null
  }

  /** What was started, once the whole policy was read. */
  taken(): Starting {
    if (this.#starting === null) throw new Error('a policy was loaded whose servers were never told')
    return this.#starting
  }
}
