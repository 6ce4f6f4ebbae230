import { closeSync, openSync, writeSync } from 'node:fs'
import { sha256 } from '../../digest.ts'
import { HoopctlError } from '../../errors.ts'
import { linesIn, MOST_BYTES } from './compare-log.ts'
import type { ListedPlace } from './evidence-place.ts'

/** The objects of one session at a place. */
export interface SessionObjects {
  /** What they are below. */
  readonly prefix: string
  /** In the order of the log. */
  readonly names: readonly string[]
}

const SEGMENT = /^(?:.*\/)?(\d{10,15})\.jsonl$/u

/** Tells whether some of these names is that of a part of a session. */
export async function holdsSessions(names: AsyncIterable<string>): Promise<boolean> {
  for await (const name of names) if (SEGMENT.test(name)) return true
  return false
}

/** Finds the sessions of a place, one after the other. Throws UNREACHABLE, and UNKNOWN_SESSION where none lies there. */
export async function* sessionsAt(place: ListedPlace): AsyncGenerator<SessionObjects, void, undefined> {
  let isEmpty = true
  let [prefix, names] = ['', [] as string[]]
  for await (const name of place.list('')) {
    if (!SEGMENT.test(name)) continue
    isEmpty = false
    const below = name.slice(0, name.lastIndexOf('/') + 1)
    if (names.length > 0 && below !== prefix) {
      yield { prefix, names }
      names = []
    }
    prefix = below
    names.push(name)
  }
  if (names.length > 0) yield { prefix, names }
  if (!isEmpty) return
  const hint = 'name a destination, or what is below it: a day, a server, a person, a session'
  throw new HoopctlError('UNKNOWN_SESSION', `no session lies below \`${place.url}\``, { hint })
}

/**
 * Writes a session's log out of its objects into a file of this user; gives what is wrong with how they follow on each other,
 * or null. Throws UNREACHABLE where one cannot be read.
 * @param onObject hears of each object, and of its SHA-256
 */
export async function putTogether(
  place: ListedPlace,
  { prefix, names }: SessionObjects,
  path: string,
  onObject: (name: string, digest: string) => void = () => undefined,
): Promise<string | null> {
  const fd = openSync(path, 'w', 0o600)
  let [line, problem] = [0, null as string | null]
  let isCut = false
  try {
    for (const name of names) {
      const held = await place.get(name, MOST_BYTES)
      if (held === null) continue // it was there a moment ago: the next one tells that it is missing
      const first = Number(SEGMENT.exec(name)?.[1])
      if (first !== line)
        problem ??= `an object is missing, or was renamed: after ${line} lines comes \`${name.slice(prefix.length)}\``
      if (held.bytes.length === 0) problem ??= `the object \`${name.slice(prefix.length)}\` is empty`
      if (isCut) problem ??= `\`${name.slice(prefix.length)}\` stands behind half a line`
      isCut = held.bytes.at(-1) !== 0x0a
      line += linesIn(held.bytes)
      onObject(name, sha256(held.bytes))
      for (let at = 0; at < held.bytes.length; ) at += writeSync(fd, held.bytes, at)
    }
  } finally {
    closeSync(fd)
  }
  return problem
}
