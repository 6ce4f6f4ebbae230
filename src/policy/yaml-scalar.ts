/** What a plain (unquoted) YAML scalar is: a value, or a trap that one parser reads so and another otherwise. */
export type PlainScalar =
  | { readonly value: string | number | boolean | null; readonly date: boolean; readonly trap: null }
  | { readonly trap: string }

const TRUTHS = new Set(['y', 'yes', 'n', 'no', 'on', 'off', 'true', 'false'])
const NUMBER_START = /^[-+.0-9]/u
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/u
const DECIMAL = /^-?(?:0|[1-9][0-9]*)\.[0-9]+$/u
const DATE = /^\d{4}-\d\d?-\d\d?(?:$|[Tt\s])/u

/**
 * Reads a plain scalar strictly: whole numbers and decimals, `true`, `false`, nothing, text. What YAML 1.1 or 1.2 would
 * take for a truth, a null or a number in another form is a trap: whoever reads the file must not have to know which.
 */
export function plainScalar(text: string): PlainScalar {
  if (text === '' || text === 'null') return { value: null, date: false, trap: null }
  if (text === 'true' || text === 'false') return { value: text === 'true', date: false, trap: null }
  if (NUMBER_START.test(text)) return numberLike(text)
  // Some readers take a long s for an s, as they do capitals for small letters.
  const word = text.length > 5 ? null : text.toLowerCase().replaceAll('\u017f', 's')
  if (word !== null && TRUTHS.has(word))
    return trap(text, 'a truth value to some YAML readers and text to others')
  if (word === '~' || word === 'null') return trap(text, 'nothing at all to a YAML reader')
  return { value: text, date: false, trap: null }
}

/** Says whether a plain scalar that is text would be read as something else, so that it must be written in quotes. */
export function needsQuotes(text: string): boolean {
  const read = plainScalar(text)
  return read.trap !== null || typeof read.value !== 'string' || read.date
}

function trap(text: string, what: string): PlainScalar {
  return { trap: `\`${text}\` is ${what}` }
}

function numberLike(text: string): PlainScalar {
  if (INTEGER.test(text) || DECIMAL.test(text)) return { value: Number(text), date: false, trap: null }
  if (isOddNumber(text)) return trap(text, 'a number to some YAML readers and text to others')
  return { value: text, date: DATE.test(text), trap: null }
}

function isOddNumber(text: string): boolean {
  const bare = text.replace(/^[-+]/u, '')
  return (
    /^[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?$/u.test(bare) || // 1e3, 1_000, 007, 1., +1
    /^\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?$/u.test(bare) || // .5
    /^0[xXoObB][0-9a-fA-F_]+$/u.test(bare) || // 0x10, 0o7, 0b1
    /^[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/u.test(bare) || // 1:30, sexagesimal in YAML 1.1
    /^\.(?:inf|nan)$/iu.test(bare)
  )
}
