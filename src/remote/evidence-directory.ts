import { join } from 'node:path'
import { type EvidenceStore, refuseOddEvidence } from './evidence-store.ts'
import { readUpTo } from './file-source.ts'
import { codeOf, placeOnce } from './place-once.ts'
import { unreachable } from './unreachable.ts'

// What tools have returned is in there.
const PRIVATE = { directory: 0o700, file: 0o600 } as const

/** Opens a directory as a place for evidence; it is made with the first object. */
export function evidenceDirectory(directory: string): EvidenceStore {
  return {
    async put(name, bytes) {
      refuseOddEvidence(name)
      const path = join(directory, name)
      return placeOnce(path, bytes, PRIVATE).catch((error: unknown) => refuse(directory, error))
    },
    async get(name, maxBytes) {
      refuseOddEvidence(name)
      try {
        return await readUpTo(join(directory, name), maxBytes)
      } catch (error) {
        return codeOf(error) === 'ENOENT' ? null : refuse(directory, error)
      }
    },
  }
}

function refuse(directory: string, error: unknown): never {
  const code = codeOf(error)
  if (!/^E[A-Z]+$/u.test(code)) throw error
  const hint = 'check the path, and who may read and write there'
  throw unreachable(`the directory \`${directory}\` for evidence cannot be used (${code})`, hint, error)
}
