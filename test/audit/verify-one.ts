import type { TokenCheck } from '../../src/audit/verify-receipt.ts'
import { type KnownDevices, type Verification, verifyFile } from '../../src/audit/verify-session.ts'

/** Verifies the log of one session. */
export function verifySession(path: string, known: KnownDevices, checkToken?: TokenCheck): Verification {
  return verifyFile(path, known, checkToken).verification
}
