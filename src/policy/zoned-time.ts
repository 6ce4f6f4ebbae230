/** A moment as a calendar and a clock on the wall show it somewhere. */
interface WallTime {
  readonly year: number
  /** From 1. */
  readonly month: number
  /** From 1. */
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** From Sunday, 0. */
  readonly weekday: number
}

/** CEL's methods of a timestamp that take a time zone. Each throws a RangeError where there is no such zone. */
export const ZONED: Readonly<Record<string, (instant: Date, zone: string) => bigint>> = {
  getFullYear: (instant, zone) => BigInt(wallTime(instant, zone).year),
  getMonth: (instant, zone) => BigInt(wallTime(instant, zone).month - 1),
  getDate: (instant, zone) => BigInt(wallTime(instant, zone).day),
  getDayOfMonth: (instant, zone) => BigInt(wallTime(instant, zone).day - 1),
  getDayOfWeek: (instant, zone) => BigInt(wallTime(instant, zone).weekday),
  getDayOfYear: (instant, zone) => BigInt(dayOfYear(wallTime(instant, zone))),
  getHours: (instant, zone) => BigInt(wallTime(instant, zone).hour),
  getMinutes: (instant, zone) => BigInt(wallTime(instant, zone).minute),
  getSeconds: (instant, zone) => BigInt(wallTime(instant, zone).second),
}

const WEEKDAYS: readonly string[] = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const DAYS_BEFORE: readonly number[] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
const MAX_KEPT_ZONES = 64

// A formatter takes 50 times as long to make as to use. Zones may come from an agent's arguments: they must not pile up.
const formats = new Map<string, Intl.DateTimeFormat>()

function wallTime(instant: Date, zone: string): WallTime {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  )
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
  return {
    year: parts.get('era') === 'BC' ? 1 - number('year') : number('year'),
    month: number('month'),
    day: number('day'),
    hour: number('hour'),
    minute: number('minute'),
    second: number('second'),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formats.size >= MAX_KEPT_ZONES) formats.clear()
  formats.set(zone, made)
  return made
}

function dayOfYear({ year, month, day }: WallTime): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return (DAYS_BEFORE[month - 1] ?? 0) + day - 1 + (leap && month > 2 ? 1 : 0)
}
