import { HoopctlError } from '../errors.ts'

/** Makes the error for a file that would be overwritten: a policy is somebody's work, and holds as many servers as it likes. */
export function alreadyThere(file: string): HoopctlError {
  const hint =
    'write the draft elsewhere with --out FILE; for both servers in one policy, copy its entry in `servers` and its rules'
  return new HoopctlError('USAGE', `\`${file}\` exists already`, { hint })
}
