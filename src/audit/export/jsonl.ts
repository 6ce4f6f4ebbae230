import { harmless } from '../../harmless-json.ts'
import type { ExportItem } from './exported-call.ts'
import { flatCall } from './flat-call.ts'

/** Writes exchanges as JSON Lines: one object each, the arguments last, with all digits that the client sent. */
export function* jsonLines(items: Iterable<ExportItem>): Generator<string, void, undefined> {
  for (const item of items) {
    if (item.item !== 'call') continue
    const members = JSON.stringify(flatCall(item.call)).slice(0, -1)
    yield `${harmless(`${members},"arguments":${item.call.asked.arguments ?? 'null'}}`)}\n`
  }
}
