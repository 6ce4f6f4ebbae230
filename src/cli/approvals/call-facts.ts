import { parseJson } from '../../json-parse.ts'
import { members, skipSpace } from '../../json-spans.ts'
import { lookAlikes } from '../../look-alike.ts'
import { countUnseen } from '../../unseen.ts'
import type { Examined } from './examine.ts'

/** What is counted of a call, until inspectors read more out of it. */
export interface CallFacts {
  /** Of what is shown as its arguments. */
  readonly bytes: number
  readonly members: number
  /** Of the longest text in them, in characters. */
  readonly longest: number
  /** Characters in the whole call that look like others. */
  readonly lookAlikes: number
  /** Characters in the whole call that a terminal would not show. */
  readonly unseen: number
}

const COUNTED = new WeakMap<Examined, CallFacts>()

/**
 * Counts what is in a call, once; null where it cannot be read. Not before somebody looks at it: to look through a megabyte
 * takes a while, and hundreds of calls may wait.
 */
export function callFacts(examined: Examined): CallFacts | null {
  const { body, entry } = examined
  if (body === null) return null
  const facts = COUNTED.get(examined) ?? counted(entry.question.params, body)
  COUNTED.set(examined, facts)
  return facts
}

function counted(params: string, body: string): CallFacts {
  const strings = stringsOf(parseJson(params))
  return {
    bytes: Buffer.byteLength(body),
    members: members(body, skipSpace(body, 0)).length,
    longest: stringsOf(parseJson(body)).reduce((most, { length }) => Math.max(most, length), 0),
    lookAlikes: sum(strings.map((one) => lookAlikes(one).length)),
    unseen: sum(strings.map(countUnseen)),
  }
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  const keys = Array.isArray(value) ? [] : Object.keys(value)
  return [...keys, ...Object.values(value).flatMap(stringsOf)]
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}
