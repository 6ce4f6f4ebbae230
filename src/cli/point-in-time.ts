import { HoopctlError } from '../errors.ts'
import { parseInstant } from '../instant.ts'
import { quantity } from '../policy/quantity.ts'

/**
 * Reads a point in time as a person types it: RFC 3339 (`2026-11-21T09:14:07Z`, with `+01:00` too, or its date alone, in
 * UTC), or how long ago (`7d`). Throws USAGE.
 */
export function pointInTime(text: string, option: string, now: Date): Date {
  const agoMs = /^\d{1,9}[smhd]$/.test(text) ? quantity(text) : 0
  const point = agoMs > 0 ? new Date(now.getTime() - agoMs) : written(text)
  if (point !== null && !Number.isNaN(point.getTime())) return point
  throw new HoopctlError('USAGE', `\`${option}\` wants a point in time, and \`${text}\` is none`, {
    hint: 'write it like 2026-11-21T09:14:07Z, 2026-11-21 or, for seven days ago, 7d',
  })
}

function written(text: string): Date | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return parseInstant(`${text}T00:00:00Z`)
  const [, local, offset] =
    /^([\d-]+T[\d:.]+)(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i.exec(text.toUpperCase()) ?? []
  // The digits must be those of an instant by themselves: a 30 February is none in any zone.
  if (local === undefined || offset === undefined || parseInstant(`${local}Z`) === null) return null
  return new Date(`${local}${offset}`)
}
