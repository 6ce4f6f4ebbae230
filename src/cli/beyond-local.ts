import { EvidenceLimit } from '../shim/evidence-limit.ts'
import { openSharedState } from '../state/shared-state.ts'
import type { Directories } from './directories.ts'
import { openSharedSession } from './shared-session.ts'

// What a session needs beyond a policy that asks nobody anything. Loaded by this one module: measured, each further
// dynamic import splits the bundle into more files, and each file costs a start about a millisecond.

/** Opens what a session shares with other processes, as `openSharedSession` does. */
export function openShared(
  ...given: Parameters<typeof openSharedSession>
): ReturnType<typeof openSharedSession> {
  return openSharedSession(...given)
}

/** Makes what holds a session to `audit.upload.required` and `audit.spool`; it opens what processes share where a policy has one of them. */
export function limitByEvidence(
  options: Omit<ConstructorParameters<typeof EvidenceLimit>[0], 'open'>,
  { state, run }: Directories,
): EvidenceLimit {
  return new EvidenceLimit({ ...options, open: () => openSharedState(state, run) })
}
