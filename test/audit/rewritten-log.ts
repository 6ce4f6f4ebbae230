import { sha256 } from '../../src/digest.ts'
import type { DeviceKey } from '../../src/audit/device-key.ts'

/** Makes a log of other lines that holds: as one would who has the device key. */
export function rewritten(lines: readonly string[], device: DeviceKey): string {
  const made: string[] = []
  for (const line of lines) {
    const prev = made.length === 0 ? '0'.repeat(64) : sha256(made.at(-1) ?? '')
    const chained = line
      .replace(/^\{"seq":\d+/, `{"seq":${made.length}`)
      .replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`)
    const [text, signature] = chained.split(',"signature":')
    const signed =
      signature === undefined ? chained : `${text},"signature":"${signatureOf(text ?? '', device)}"}`
    made.push(signed)
  }
  return made.map((line) => `${line}\n`).join('')
}

function signatureOf(text: string, device: DeviceKey): string {
  return device.sign(Buffer.from(text)).toString('base64url')
}
