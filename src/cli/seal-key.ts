import type { DeviceKey } from '../audit/device-key.ts'
import type { SealKey } from '../state/activation-row.ts'

/** Makes of the device key the key that seals activations: what it signed, it can verify. */
export function sealKeyOf({ id, sign, verify }: DeviceKey): SealKey {
  return { publicKey: id, sign, verify }
}
