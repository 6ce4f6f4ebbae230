/** What people write who know other languages, and how CEL writes it. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['not', '!'],
  ['is', '=='],
  ['true', 'true'],
  ['false', 'false'],
  ['none', 'null'],
  ['nil', 'null'],
  ['null', 'null'],
  ['=', '=='],
  ['===', '=='],
  ['!==', '!='],
  ['<>', '!='],
  ['=>', '>='],
  ['=<', '<='],
  ['&', '&&'],
  ['|', '||'],
])

/** Gives the way out where a word or sign belongs to another language; null for any other. */
export function habitHint(written: string): string | null {
  const instead = INSTEAD.get(written.toLowerCase())
  if (instead === undefined || instead === written) return null
  const example = instead === '!' ? ', as in `!(a in b)`' : ''
  return `\`${written}\` is written \`${instead}\`${example}`
}

/** A word or a run of signs in a condition; `offset` counts from the start of its text. */
interface Written {
  readonly offset: number
  readonly text: string
}

/**
 * Finds what a syntax error at `offset` is about: the word or the run of signs there; the word before it where that is
 * one of another language, as in `not args.x`, which CEL stumbles over only at `args`.
 */
export function writtenAt(offset: number, source: string): Written {
  const before = /(?<![.\w])([A-Za-z]+)\s+$/u.exec(source.slice(0, offset))
  if (before?.[1] !== undefined && habitHint(before[1]) !== null)
    return { offset: before.index, text: before[1] }
  const signs = /[=!<>&|]*$/u.exec(source.slice(0, offset))?.[0].length ?? 0
  const run = /^[=!<>&|]+/u.exec(source.slice(offset - signs))?.[0] ?? ''
  if (run.length > signs) return { offset: offset - signs, text: run }
  return { offset, text: /^(?:\w+|[^])/u.exec(source.slice(offset))?.[0] ?? '' }
}
