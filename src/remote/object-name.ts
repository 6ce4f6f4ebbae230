import { HoopctlError } from '../errors.ts'

// Nothing that a disk, a URL or a bucket could read in another way: no `..`, no `%2e`, no empty part.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,127})*$/u

/** Throws INPUT_INVALID for a name that could lead out of the place where it is looked for. */
export function refuseOddName(name: string): void {
  if (NAME.test(name)) return
  throw new HoopctlError('INPUT_INVALID', `${JSON.stringify(name)} is not the name of an object`, {
    hint: 'names are letters, digits, `.`, `_` and `-`, in parts that begin with a letter or digit',
  })
}
