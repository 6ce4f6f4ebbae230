import { HoopctlError } from '../../errors.ts'
import type { ConfirmedObject } from '../../records.ts'
import { openSharedState } from '../../state/shared-state.ts'
import { type ConfirmedSegment, Uploads } from '../../state/uploads.ts'
import type { Context } from '../context.ts'
import type { UntoldReader } from './confirmed-uploads.ts'

/** Opens what destinations were seen to hold. What cannot be read now is told by a later checkpoint: it never throws. */
export function openUntold(context: Context): UntoldReader | null {
  const { state, run } = context.directories()
  const shared = quietly(() => openSharedState(state, run))
  if (shared === null) return null
  const uploads = new Uploads(shared)
  return {
    untold: (destinations, most) => (quietly(() => uploads.untold(destinations, most)) ?? []).map(objectOf),
    close: () => shared.close(),
  }
}

function objectOf({ session, destination, key, start, end, ...rest }: ConfirmedSegment): ConfirmedObject {
  const { sha256, etag, version, confirmed } = rest
  const bytes = end - start
  return { session, to: destination, key, bytes, sha256, etag, version, at: confirmed.toISOString() }
}

function quietly<T>(work: () => T): T | null {
  try {
    return work()
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    return null
  }
}
