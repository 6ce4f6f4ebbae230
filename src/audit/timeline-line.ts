import { visible } from '../visible.ts'
import { type LogRecord, textOf } from './log-record.ts'

/** One line of a timeline. What a tone looks like is for whoever prints it. */
export interface TimelineLine {
  readonly text: string
  readonly tone: 'title' | 'plain' | 'quiet' | 'good' | 'warn' | 'bad'
  /** Of the first line of each record: which one of its log it is, as `recordName` writes it. */
  readonly record?: string
}

/** Names a record by its place in the log, from 0 on, as `sessions verify` does, whatever it says of itself. */
export function recordName(place: number): string {
  return `record ${place}`
}

/** Makes a line; its text must be visible already. */
export function line(tone: TimelineLine['tone'], text: string): TimelineLine {
  return { text, tone }
}

/** The time of day of a record in UTC, to the millisecond: 12 characters. */
export function clockTime(record: LogRecord): string {
  const at = textOf(record, 'at') ?? ''
  const time = /T(\d\d:\d\d:\d\d\.\d{3})\d{3}Z$/.exec(at)?.[1]
  return time ?? (visible(at) || '?').padEnd(12)
}

/** A duration in the unit that suits it. */
export function duration(micros: number | null): string {
  if (micros === null) return '?'
  if (micros < 1000) return `${micros} µs`
  return micros < 1_000_000 ? `${(micros / 1000).toFixed(1)} ms` : `${(micros / 1_000_000).toFixed(1)} s`
}

/** A size in the unit that suits it. */
export function size(bytes: number | null): string {
  if (bytes === null) return 'size not recorded'
  if (bytes < 1024) return `${bytes} bytes`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
