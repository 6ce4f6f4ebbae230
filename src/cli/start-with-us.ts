import { type Child, startChild } from '../shim/child.ts'
import type { Command } from '../shim/command.ts'
import type { Context } from './context.ts'

/** A server that ends with hoopctl. */
export interface WithUs {
  /** null where its command does not exist. */
  readonly child: Child | null
  /** To be called once signals are heard by whoever ends the server then: until then they end the server and hoopctl. */
  readonly heard: () => void
}

/**
 * Starts a server that a signal ends together with hoopctl: it is in a group of its own, so nobody else would. Signals are
 * heard before it starts, because it may send one at once, and no longer than it lives: then its number may be another's.
 */
export function startWithUs(command: Command, context: Context): WithUs {
  const started: { child: Child | null } = { child: null }
  const heard = context.onSignal((signal) => {
    started.child?.kill()
    context.endBy(signal)
  })
  started.child = startChild(command)
  if (started.child === null) heard()
  void started.child?.ended.then(heard)
  return { child: started.child, heard }
}
