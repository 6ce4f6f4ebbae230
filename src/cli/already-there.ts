import { HoopctlError } from '../errors.ts'

/** Makes the error for a file that would be overwritten: a policy is somebody's work. */
export function alreadyThere(file: string): HoopctlError {
  const hint = 'name another file with --out FILE, or move that one away'
  return new HoopctlError('USAGE', `\`${file}\` exists already`, { hint })
}
