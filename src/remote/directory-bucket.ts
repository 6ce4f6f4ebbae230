import { lstat, readdir, unlink } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { codeOf } from '../system-code.ts'
import { type ApprovalBucket, type Entry, LISTED_AT_ONCE, type Listing } from './approval-bucket.ts'
import { fileSource } from './file-source.ts'
import { isObjectName, refuseOddName, refuseOddPrefix } from './object-name.ts'
import { ifThere, placeOnce } from './place-once.ts'
import { unreachable } from './unreachable.ts'

/** Opens a directory as a place for approvals; it is made with the first object. */
export function directoryBucket(directory: string): ApprovalBucket {
  const source = fileSource(directory)
  return {
    put: (name, bytes) => telling(directory, () => put(directory, name, bytes)),
    list: (prefix, startAfter = '') => telling(directory, () => list(directory, prefix, startAfter)),
    async get(name, maxBytes) {
      const read = await source.read(name, null, maxBytes)
      return read.status === 'read' ? read.bytes : null
    },
    remove: (name) => telling(directory, () => remove(directory, name)),
  }
}

async function put(directory: string, name: string, bytes: Uint8Array): Promise<'written' | 'there-already'> {
  refuseOddName(name)
  return placeOnce(join(directory, name), bytes, SHARED)
}

// The members of a team: as far as the umask lets them.
const SHARED = { directory: 0o777, file: 0o666 } as const

async function list(directory: string, prefix: string, startAfter: string): Promise<Listing> {
  refuseOddPrefix(prefix)
  const names = (await namesBelow(directory, prefix)).filter((name) => name > startAfter).toSorted(byBytes)
  const listed = names.slice(0, LISTED_AT_ONCE)
  const sized = await Promise.all(listed.map((name) => entryOf(directory, name)))
  const next = names.length > listed.length ? (listed.at(-1) ?? null) : null
  return { entries: sized.filter((entry) => entry !== null), next }
}

async function namesBelow(directory: string, prefix: string): Promise<string[]> {
  const options = { recursive: true, withFileTypes: true } as const
  const found = await readdir(join(directory, prefix), options).catch((error: unknown) => {
    ifThere(error)
    return []
  })
  return found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(directory, join(parentPath, name)).split(sep).join('/'))
    .filter((name) => isObjectName(name))
}

async function entryOf(directory: string, name: string): Promise<Entry | null> {
  const stats = await lstat(join(directory, name)).catch(ifThere)
  return stats === undefined ? null : { name, bytes: stats.size }
}

async function remove(directory: string, name: string): Promise<'removed' | 'refused'> {
  refuseOddName(name)
  try {
    await unlink(join(directory, name)).catch(ifThere)
    return 'removed'
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) return 'refused'
    throw error
  }
}

async function telling<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = codeOf(error)
    if (code === '') throw error
    const hint = 'check the path, and who may read and write there'
    throw unreachable(`the approval store \`${directory}\` cannot be used (${code})`, hint, error)
  }
}

// Names have characters of one byte only, so this is the order of their bytes.
function byBytes(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
