import { HoopctlError } from './errors.ts'
import { quoted } from './quoted.ts'

/** What `stat` says of a file or directory. */
interface Kind {
  readonly mode: number
  isDirectory(): boolean
}

/**
 * Throws FILE_MODE, with the command that mends it, where others may read, write or enter what is ours alone.
 */
export function refuseLooseMode(path: string, stats: Kind): void {
  if ((stats.mode & 0o077) === 0) return
  const mode = (stats.mode & 0o777).toString(8).padStart(4, '0')
  const wanted = stats.isDirectory() ? '700' : '600'
  throw new HoopctlError('FILE_MODE', `\`${path}\` has mode ${mode}: other users may touch it`, {
    hint: `run: chmod ${wanted} ${quoted(path)}`,
  })
}
