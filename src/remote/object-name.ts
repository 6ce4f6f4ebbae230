import { HoopctlError } from '../errors.ts'

// Nothing that a disk, a URL or a bucket could read in another way: no `..`, no `%2e`, no empty part.
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,127})*$/u

/** Says whether a name is one that objects of ours have; whoever writes a store may use others. */
export function isObjectName(name: string): boolean {
  return NAME.test(name)
}

/** Throws INPUT_INVALID for a prefix of a listing that is not whole parts of a name, each with its `/`. */
export function refuseOddPrefix(prefix: string): void {
  refuseOddName(prefix.endsWith('/') ? prefix.slice(0, -1) : '')
}

/** Throws INPUT_INVALID for a name that could lead out of the place where it is looked for. */
export function refuseOddName(name: string): void {
  if (isObjectName(name)) return
  throw new HoopctlError('INPUT_INVALID', `${JSON.stringify(name)} is not the name of an object`, {
    hint: 'names are letters, digits, `.`, `_` and `-`, in parts that begin with a letter or digit',
  })
}
