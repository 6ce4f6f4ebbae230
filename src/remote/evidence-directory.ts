import { lstat, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../system-code.ts'
import {
  type EvidenceStore,
  isEvidenceName,
  PROBE,
  RefusedEvidence,
  refuseOddEvidence,
} from './evidence-store.ts'
import { readUpTo } from './file-source.ts'
import { sweepLeftBehind } from './left-behind.ts'
import { ifThere, placeOnce } from './place-once.ts'
import { temporaryName } from './temporary-name.ts'
import { unreachable } from './unreachable.ts'

// What tools have returned is in there.
const PRIVATE = { directory: 0o700, file: 0o600 } as const

/** Opens a directory as a place for evidence; it is made with the first object. */
export function evidenceDirectory(directory: string): EvidenceStore {
  return {
    async put(name, bytes) {
      refuseOddEvidence(name)
      const path = join(directory, name)
      try {
        await refuseLinks(directory, name)
        const outcome = await placeOnce(path, bytes, PRIVATE)
        // What cannot be removed is in nobody's way.
        await sweepLeftBehind(dirname(path)).catch(() => undefined)
        return outcome
      } catch (error) {
        return refuse(directory, error)
      }
    },
    async get(name, maxBytes) {
      refuseOddEvidence(name)
      try {
        await refuseLinks(directory, name)
        const bytes = await readUpTo(join(directory, name), maxBytes)
        return { bytes, etag: null, version: null }
      } catch (error) {
        return codeOf(error) === 'ENOENT' ? null : refuse(directory, error)
      }
    },
    list: (prefix) => namesBelow(directory, prefix),
    probe: () => probe(directory).catch((error: unknown) => refuse(directory, error)),
  }
}

// One that is not there is made with the first object, in the nearest one above it that is.
async function probe(directory: string): Promise<null> {
  const found = await stat(directory).catch(ifThere)
  if (found === undefined && dirname(directory) !== directory) return probe(dirname(directory))
  const path = join(directory, temporaryName())
  await writeFile(path, PROBE, { mode: PRIVATE.file, flag: 'wx' })
  try {
    await readFile(path)
  } finally {
    await unlink(path)
  }
  return null
}

// A directory after the other, so that nobody waits for all names of a company before the first.
async function* namesBelow(directory: string, prefix: string): AsyncGenerator<string, void, undefined> {
  if (prefix !== '') refuseOddEvidence(prefix.replace(/\/$/u, ''))
  const found = await readdir(join(directory, prefix), { withFileTypes: true })
    .catch(ifThere)
    .catch((error: unknown) => refuse(directory, error))
  // As a bucket has them in order: what follows the name of a directory is a slash.
  const entries = (found ?? []).map((entry) => ({ entry, name: `${prefix}${entry.name}` }))
  const sorted = entries.map(({ entry, name }) => (entry.isDirectory() ? `${name}/` : name)).toSorted()
  for (const name of sorted) {
    if (!isEvidenceName(name.replace(/\/$/u, ''))) continue
    if (name.endsWith('/')) yield* namesBelow(directory, name)
    else yield name
  }
}

// What a link leads to is not kept here: it may be the very log that is compared with it. Nor is it listed.
async function refuseLinks(directory: string, name: string): Promise<void> {
  const parts = name.split('/')
  for (const index of parts.keys()) {
    const path = join(directory, ...parts.slice(0, index + 1))
    const found = await lstat(path).catch(ifThere)
    if (found === undefined) return
    if (found.isSymbolicLink())
      throw new RefusedEvidence(
        `\`${path}\` is a link, which leads out of the place`,
        'look who put it there',
      )
  }
}

function refuse(directory: string, error: unknown): never {
  const code = codeOf(error)
  if (code === '') throw error
  const hint = 'check the path, and who may read and write there'
  throw unreachable(`the directory \`${directory}\` for evidence cannot be used (${code})`, hint, error)
}
