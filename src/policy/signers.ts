import { verify } from 'node:crypto'
import { type Jws, signedBytes } from './jws.ts'
import type { PublicKey } from './public-key.ts'

/** Who signed: keys, each counted once, whatever its signatures call it. */
export interface Signers {
  /** The ids of the keys that hold a signature that verifies. */
  readonly by: ReadonlySet<string>
  /** A key whose name stands at a signature that does not verify; null: there is none. */
  readonly broken: string | null
}

// A hostile store may add a hundred signatures that name no key, and each has to be tried with every key. Measured: the
// limits end that after half a second, and leave room for all that people would do. What is not tried does not count.
const MAX_HASHED_BYTES = 256 * 1024 ** 2
const MAX_TRIES = 2000

/** Finds out which of these keys signed. Two signatures of one key are one. */
export function signersOf({ encoded, signatures }: Jws, keys: readonly PublicKey[]): Signers {
  const by = new Set<string>()
  let broken: string | null = null
  let [tries, hashed] = [0, 0]
  for (const { protected: header, signature, kid } of signatures) {
    const bytes = signedBytes(header, encoded)
    const named = keys.find(({ id }) => id === kid)
    for (const { id, key } of named === undefined ? keys : [named]) {
      if (by.has(id)) continue
      hashed += bytes.length
      if (++tries > MAX_TRIES || hashed > MAX_HASHED_BYTES) return { by, broken }
      if (verify(null, bytes, key, Buffer.from(signature, 'base64url'))) by.add(id)
      else if (named !== undefined) broken ??= id
    }
  }
  return { by, broken }
}
