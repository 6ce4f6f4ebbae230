import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { isPlainJson } from './plain-json.ts'
import type { CheckedLine } from './verify-line.ts'

// What nearly all lines are, in the plainest of the forms that `checkLine` accepts: each member once and in its place,
// texts of ASCII without escapes, whole numbers. JSON.stringify makes the same text of its value again.
const TEXT = String.raw`"[ !#-\[\]-~]*"`
const NUMBER = String.raw`(?:0|[1-9]\d{0,14})`
const DIGEST = '[0-9a-f]{64}'
const TIME = String.raw`\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{6}Z`
const START = String.raw`\{"seq":(${NUMBER}),"at":"(${TIME})","kind":"(request|response)","prev":"(${DIGEST})"`
const NAMES = ['tool', 'resource', 'prompt', 'task'].map((name) => `(?:,"${name}":${TEXT})?`).join('')
const RULES = String.raw`\[(?:${TEXT}(?:,${TEXT})*)?\]`
const REQUEST = String.raw`"method":${TEXT}${NAMES},"decision":\{"effect":${TEXT},"rules":${RULES},"why":${TEXT}\}`
const RESPONSE = `"tookUs":${NUMBER}(?:,"isError":(?:true|false))?`
const MEMBERS = `,"from":${TEXT},"exchange":${NUMBER},(?:${REQUEST}|${RESPONSE})`
const PAYLOAD = String.raw`,"bytes":(${NUMBER}),"sha256":"(${DIGEST})"(?:\}|,"message":)`
const COMMON = new RegExp(`^${START}${MEMBERS}${PAYLOAD}`)
/** Longer ones are not common. */
const ENVELOPE_BYTES = 1024
const NO_MEMBERS = {}

/**
 * Checks a request or an answer as `checkLine` does, without parsing it, which takes most of that time. null: it may be
 * valid or not, and `checkLine` is to look at all of it.
 */
export function checkCommonLine(line: Buffer): CheckedLine | null {
  const found = COMMON.exec(line.toString('latin1', 0, ENVELOPE_BYTES))
  if (found === null) return null
  const [envelope, seq = '', at = '', kind = '', prev = '', bytes, sha256 = ''] = found
  const isValid = envelope.endsWith('}')
    ? envelope.length === line.length
    : line.at(-1) === 0x7d && isMessage(line.subarray(envelope.length, -1), Number(bytes), sha256)
  if (!isValid) return null
  return { seq: Number(seq), at, kind, prev, record: NO_MEMBERS, signedText: '' }
}

function isMessage(message: Uint8Array, bytes: number, sha256: string): boolean {
  const isValue = message.length === bytes && isUtf8(message) && isPlainJson(message)
  return isValue && hash('sha256', message) === sha256
}
