import { parseJson } from './json-parse.ts'

/**
 * Writes a JSON text in one canonical form: members sorted by UTF-16 code units, no white space, strings as
 * JSON.stringify writes them (RFC 8785), but numbers as exact decimals, because a double would make two different big
 * numbers one. Throws a SyntaxError where the text is no JSON.
 */
export function canonicalJson(text: string): string {
  return write(parseJson(text, (source) => new Written(source)))
}

/** A number as it was written; its value is a decimal of any length. */
class Written {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

function write(value: unknown): string {
  if (value instanceof Written) return exactDecimal(value.source)
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`
}

/**
 * Normalizes the text of a JSON number: `1.50`, `15e-1` and `1.5` become `15e-1`, `-0` becomes `0`. Two numbers have the
 * same text if and only if they are equal. The exponent may be of any size, so no digits are spelled out.
 */
export function exactDecimal(source: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(source)
  if (match === null) throw new SyntaxError('not a JSON number')
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = withoutTrailingZeros(digits)
  if (significant === '') return '0'
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)
  return power === 0n ? sign + significant : `${sign}${significant}e${power}`
}

// No `/0+$/`: it tries each run of zeros to its end, which takes minutes for a million of them in the middle.
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 0x30) end--
  return digits.slice(0, end)
}
