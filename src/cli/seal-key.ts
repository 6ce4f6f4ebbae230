import type { DeviceKey } from '../audit/device-key.ts'
import type { SealKey } from '../state/activation-row.ts'

/** Makes of the device key the key that seals activations: what it signed, it can verify. */
export function sealKeyOf(device: DeviceKey): SealKey {
  return {
    publicKey: device.id,
    sign: (bytes) => device.sign(bytes),
    verify: (bytes, signature) => device.verify(bytes, signature),
  }
}
