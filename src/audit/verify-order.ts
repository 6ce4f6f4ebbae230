import { readLines } from './log-lines.ts'

/**
 * Says why a record is not the one that should stand at its place: lines were reordered, taken out, put in
 * twice, or the number itself was altered. Reads the file again, for the numbers alone.
 */
export function explainPlace(path: string, expected: number, found: number): string {
  let next: number | null = null
  let elsewhere = false
  let index = 0
  for (const { bytes, end } of readLines(path)) {
    if (index > expected && end === 'whole') {
      const seq = seqOf(bytes)
      elsewhere ||= seq === expected
      next ??= seq
    }
    index += 1
  }
  const where = `line ${expected + 1}`
  if (!elsewhere && next === expected + 1) {
    return `record ${expected} (${where}) was altered: it calls itself ${found}`
  }
  // All records before this place stood in theirs.
  if (found < expected) return `${where} holds record ${found} a second time`
  if (elsewhere) {
    return `${where} holds record ${found}, and record ${expected} stands after it: lines were reordered`
  }
  return found === expected + 1
    ? `record ${expected} is missing: ${where} holds record ${found}`
    : `records ${expected} to ${found - 1} are missing: ${where} holds record ${found}`
}

function seqOf(bytes: Uint8Array): number {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1')
  return Number(/^\{"seq":(\d+),/.exec(start)?.[1] ?? Number.NaN)
}
