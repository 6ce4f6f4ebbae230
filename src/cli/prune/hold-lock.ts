import { Locks } from '../../state/locks.ts'

const WAIT_MS = 10_000

/**
 * Does work while no other process removes a log, holds a session or releases one. The lock is in the state directory and
 * not in that for running processes, which is another one in some environments. Throws STATE_UNWRITABLE.
 */
export function holdLock<T>(state: string, work: () => T): Promise<T> {
  return new Locks(state).withLock('prune', WAIT_MS, async () => work())
}
