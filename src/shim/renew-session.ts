import type { RenewableLog } from '../audit/renewable-log.ts'
import { abandonOpen } from './abandon-open.ts'
import { CallLimits } from './limits.ts'
import type { Shim } from './shim.ts'
import type { Standing } from './standing.ts'
import { startContext } from './take-up.ts'

/**
 * Ends the session of one person and begins that of another: a session has one subject. What the one asked for is
 * answered to nobody any more, what the server asked the one is not asked of the other, and nothing that the one was
 * let through to (tasks, subscriptions) is the other's.
 */
export function renewSession(shim: Shim, log: RenewableLog, next: Standing): void {
  abandonOpen(shim, 'somebody else signed in before it was answered')
  shim.outbox.settle()
  const { progress } = shim
  const { exchanges, allowed, asked, denied } = progress
  log.renew({ end: 'subject-changed', exitCode: 0, exchanges, allowed, asked, denied })
  Object.assign(progress, { exchanges: 0, calls: 0, allowed: 0, asked: 0, denied: 0 })
  shim.limits = new CallLimits()
  const belongings = [shim.clientTasks, shim.subscribed, shim.templates, shim.elicitations, shim.served]
  for (const one of belongings) one.clear()
  shim.tasks.clear()
  shim.outbox.note(startContext(next), null)
  const { client } = progress
  if (client !== null) shim.outbox.note({ kind: 'context', cause: 'client', client }, null)
}
