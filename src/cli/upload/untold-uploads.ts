import { openSharedState } from '../../state/shared-state.ts'
import { Uploads } from '../../state/uploads.ts'
import type { Context } from '../context.ts'
import { ifUsable } from '../if-usable.ts'
import { confirmedObject } from './confirmed-object.ts'
import type { UntoldReader } from './confirmed-uploads.ts'

/** Opens what destinations were seen to hold. What cannot be read now is told by a later checkpoint: it never throws. */
export function openUntold(context: Context): UntoldReader | null {
  const { state, run } = context.directories()
  const shared = ifUsable(() => openSharedState(state, run))
  if (shared === null) return null
  const uploads = new Uploads(shared)
  return {
    untold: (destinations, most) =>
      (ifUsable(() => uploads.untold(destinations, most)) ?? []).map(confirmedObject),
    close: () => shared.close(),
  }
}
