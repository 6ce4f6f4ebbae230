import { endLost } from '../shim/lost-activations.ts'
import type { PolicyInForce } from './asker.ts'
import type { DeviceState } from './device-state.ts'

/** Ends what a policy that a command has read no longer gives, so that no later one revives it. Throws STATE_UNWRITABLE. */
export function endNotGiven(
  inForce: Pick<PolicyInForce, 'policy' | 'key'>,
  { shared, activations, device }: DeviceState,
  now: Date,
): void {
  // In which groups somebody is, is judged where it was read last: in the sessions that run.
  endLost(inForce, null, { state: shared, activations, device: device.publicKey }, now)
}
