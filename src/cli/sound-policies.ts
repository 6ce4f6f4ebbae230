import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SoundPolicies } from '../policy/load.ts'

/**
 * Remembers sound policies as empty files in hoopctl's cache, named by the policy's digest and hoopctl's version. Whoever
 * writes there can only make a condition be compiled when it is first judged instead of at the start.
 */
export function soundPolicies(cache: string, version: string): SoundPolicies {
  const directory = join(cache, 'policies')
  const fileOf = (digest: string) => join(directory, `${digest}-${version}`)
  return {
    has: (digest) => existsSync(fileOf(digest)),
    add: (digest) => {
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 })
        writeFileSync(fileOf(digest), '', { mode: 0o600 })
      } catch {
        // A cache that cannot be written costs time, nothing else.
      }
    },
  }
}
