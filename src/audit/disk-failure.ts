import { HoopctlError } from '../errors.ts'
import { quoted } from '../quoted.ts'
import { codeOf } from '../system-code.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file has reached the largest size that is allowed',
  EACCES: 'permission is refused',
  EPERM: 'permission is refused',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports an error',
  ENOENT: 'the file or its directory is gone',
  EFTYPE: 'it is no regular file',
  ENOTDIR: 'a part of its path is no directory',
  EMFILE: 'too many files are open',
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on that disk',
  EDQUOT: 'free some space on that disk',
  EROFS: 'keep the state elsewhere: set HOOPCTL_HOME, or XDG_STATE_HOME on Linux',
}

/** Says in words why the disk refused something. Never quotes what was to be written. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  return REASONS[code] ?? (code === '' ? 'an unforeseen failure' : `the system says ${code}`)
}

/** Makes the UNREACHABLE error for something that could not be read. What the system did not throw is a bug: it is thrown on. */
export function unreadable(path: string, error: unknown): HoopctlError {
  if (codeOf(error) === '') throw error
  const hint = 'see to it that you may read it'
  return new HoopctlError('UNREACHABLE', `cannot read \`${path}\`: ${reasonOf(error)}`, {
    hint,
    cause: error,
  })
}

/** Makes the STATE_UNWRITABLE error for something of ours that could not be made or written. */
export function stateUnwritable(path: string, error: unknown): HoopctlError {
  const hint = HINTS[codeOf(error)] ?? `see to it that you may write there: ls -ld ${quoted(path)}`
  return new HoopctlError('STATE_UNWRITABLE', `cannot write \`${path}\`: ${reasonOf(error)}`, {
    hint,
    cause: error,
  })
}
