import type { Claims } from '../sign-in.ts'
import type { Context } from './context.ts'
import { withDeviceState } from './device-state.ts'

/** Tells running shims that somebody signed in or out. */
export async function tellShims(
  kind: 'sign-in' | 'sign-out',
  { sub }: Claims,
  context: Context,
): Promise<void> {
  await withDeviceState(context, ({ events, shared }) => {
    events.append({ kind, at: context.now(), fields: typeof sub === 'string' ? { sub } : {} })
    shared.ring()
  })
}
