import { loadDeviceKey } from '../audit/device-key.ts'
import type { SealKey } from '../state/activation-row.ts'
import { Activations } from '../state/activations.ts'
import { Approvals } from '../state/approvals.ts'
import { ClockMark } from '../state/clock-mark.ts'
import { Events } from '../state/events.ts'
import { openSharedState, type SharedState } from '../state/shared-state.ts'
import { Shims } from '../state/shims.ts'
import { visible } from '../visible.ts'
import type { Context } from './context.ts'
import { sealKeyOf } from './seal-key.ts'

/** What the processes of this user share on this device, opened for one command. */
export interface DeviceState {
  readonly shared: SharedState
  readonly device: SealKey
  readonly activations: Activations
  readonly approvals: Approvals
  readonly events: Events
  readonly shims: Shims
}

/** Does work on the shared state, and closes it. Throws STATE_UNWRITABLE, FILE_MODE and DEVICE_KEY. */
export async function withDeviceState<T>(
  context: Context,
  work: (state: DeviceState) => Promise<T> | T,
): Promise<T> {
  const { state, run } = context.directories()
  const device = sealKeyOf(loadDeviceKey(state))
  const shared = openSharedState(state, run)
  try {
    const clock = new ClockMark(shared)
    const activations = new Activations(shared, { key: device, clock, onRefused: refused(context) })
    const approvals = new Approvals(shared, { key: device, clock })
    const more = { events: new Events(shared), shims: new Shims(shared) }
    return await work({ shared, device, activations, approvals, ...more })
  } finally {
    shared.close()
  }
}

function refused({ stderr }: Context) {
  return ({ grant, why }: { readonly grant: string; readonly why: string }) =>
    void stderr.write(`hoopctl: an activation of \`${visible(grant)}\` was removed: ${why}\n`)
}
