import { HoopctlError } from '../errors.ts'
import { quantity } from '../policy/quantity.ts'

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** Reads a duration as a person types it (`90s`, `30m`, `4h`, `1d`), in milliseconds. Throws USAGE. */
export function parseDuration(text: string, option: string): number {
  const ms = /^\d{1,9}[smhd]$/.test(text) ? quantity(text) : 0
  if (ms > 0) return ms
  throw new HoopctlError('USAGE', `\`${option}\` wants a time, and \`${text}\` is none`, {
    hint: `write it like 45s, 30m, 4h or 1d`,
  })
}

/** Writes a duration as a person would type it: exactly where one unit fits, else its two largest units (`1h 20m`). */
export function durationInWords(ms: number): string {
  const parts: string[] = []
  let rest = Math.max(0, Math.ceil(ms / 1000) * 1000)
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.slice(0, 2).join(' ') || '0s'
}
