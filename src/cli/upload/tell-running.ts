import { openSharedState } from '../../state/shared-state.ts'
import { Shims } from '../../state/shims.ts'
import type { Context } from '../context.ts'
import { ifUsable } from '../if-usable.ts'
import type { KnownSession } from './known-to-run.ts'

/** Tells that a session runs, unless it was told already; gives what ends that. Where the state cannot be written nobody is told. */
export function tellRunning({ session, server, feed }: KnownSession, context: Context): () => void {
  const { state, run } = context.directories()
  const shared = ifUsable(() => openSharedState(state, run))
  if (shared === null) return () => undefined
  const shims = new Shims(shared)
  const begun = { session, pid: process.pid, server, policy: feed.current().key }
  const isNew = ifUsable(() =>
    shims.registerNew({ ...begun, started: context.now(), subject: null, grants: [] }),
  )
  return () => {
    if (isNew === true) ifUsable(() => shims.unregister(session))
    shared.close()
  }
}
