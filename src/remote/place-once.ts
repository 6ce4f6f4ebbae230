import { link, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../system-code.ts'
import { temporaryName } from './temporary-name.ts'

/** Whom directories and files that are made belong to. */
export interface Modes {
  readonly directory: number
  readonly file: number
}

/**
 * Writes a file where there is none of that name, and the directories above it. It gets its name by link(2) when it is whole
 * and on the disk: the call never replaces, so of two who write one, one wins. Throws what the file system throws.
 */
export async function placeOnce(
  path: string,
  bytes: Uint8Array,
  modes: Modes,
): Promise<'written' | 'there-already'> {
  await mkdir(dirname(path), { recursive: true, mode: modes.directory })
  const temporary = join(dirname(path), temporaryName())
  try {
    await using file = await open(temporary, 'wx', modes.file)
    await file.writeFile(bytes)
    await file.datasync()
    await link(temporary, path)
    return 'written'
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'there-already'
    throw error
  } finally {
    await unlink(temporary).catch(ifThere)
  }
}

/** Passes over that a file is not there, and throws everything else. */
export function ifThere(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}
