import type { Child } from '../shim/child.ts'
import type { Context } from './context.ts'

/**
 * Has a signal that ends hoopctl end this server before it: it is in a group of its own, so nobody else would. Returns what
 * ends that, for when somebody else hears signals. The end of the server ends it too: its number may be another process's then.
 */
export function endsWithUs(child: Child | null, context: Context): () => void {
  if (child === null) return () => undefined
  const stop = context.onSignal((signal) => {
    child.kill()
    context.endBy(signal)
  })
  void child.ended.then(stop)
  return stop
}
