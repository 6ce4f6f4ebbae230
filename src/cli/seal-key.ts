import { createPublicKey, verify } from 'node:crypto'
import type { DeviceKey } from '../audit/device-key.ts'
import type { SealKey } from '../state/activation-row.ts'

/** Makes of the device key the key that seals activations: what it signed, it can verify. */
export function sealKeyOf(device: DeviceKey): SealKey {
  const { id } = device
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: id.slice(id.indexOf(':') + 1) }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  return {
    publicKey: id,
    sign: (bytes) => device.sign(bytes),
    verify: (bytes, signature) => verify(null, bytes, publicKey, signature),
  }
}
