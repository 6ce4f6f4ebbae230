import type { ExportedCall, ExportItem, LogEnd } from '../../../src/audit/export/exported-call.ts'
import { exportItems } from '../../../src/audit/export/export-items.ts'
import { readTexts } from '../../../src/audit/log-record.ts'

/** What an export makes of a log. */
export function itemsOf(path: string, heldBytes?: number): readonly ExportItem[] {
  return [...exportItems(readTexts(path), heldBytes)]
}

/** Its exchanges. */
export function callsOf(path: string, heldBytes?: number): readonly ExportedCall[] {
  return itemsOf(path, heldBytes).flatMap((item) => (item.item === 'call' ? [item.call] : []))
}

/** What is said at last. */
export function endOf(path: string): LogEnd | undefined {
  return itemsOf(path).flatMap((item) => (item.item === 'end' ? [item.end] : []))[0]
}
