import { harmless } from '../../harmless-json.ts'
import { visible } from '../../visible.ts'
import type { ExportedCall, ExportItem } from './exported-call.ts'
import { type FlatValue, flatCall } from './flat-call.ts'
import { NO_CALL } from './no-call.ts'

/** Writes exchanges as CSV (RFC 4180), with a header line; lists are joined by `; `. */
export function* csvLines(items: Iterable<ExportItem>): Generator<string, void, undefined> {
  yield csvLine([...Object.keys(flatCall(NO_CALL)), 'arguments'])
  for (const item of items) if (item.item === 'call') yield csvLine(row(item.call))
}

function row(call: ExportedCall): readonly FlatValue[] {
  const given = call.asked.arguments
  return [...Object.values(flatCall(call)), given === null ? null : harmless(given)]
}

function csvLine(values: readonly FlatValue[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

function cell(value: FlatValue): string {
  if (value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = visible(typeof value === 'string' ? value : value.join('; '))
  return `"${inert(text).replaceAll('"', '""')}"`
}

// A spreadsheet runs what begins like this, also where it is quoted, also after spaces, also in full width; with an
// apostrophe before it, it is text. Tab and line end are escaped by `visible` already.
function inert(text: string): string {
  return /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u.test(text) ? `'${text}` : text
}
