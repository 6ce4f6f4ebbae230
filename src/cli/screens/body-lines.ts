import type { Examined } from '../approvals/examine.ts'
import { shownJson } from '../approvals/shown-json.ts'
import { aside, inGutter } from './foreign-text.ts'
import type { Line } from './line.ts'

const INDENT = 2

// A megabyte takes a while to lay out, and each key would do it anew.
const LAID_OUT = new WeakMap<Examined, Map<string, readonly Line[]>>()

/** Lays out the arguments of a call in a gutter. What was folded says so, unless `all` is shown. */
export function bodyLines(examined: Examined, width: number, all: boolean): readonly Line[] {
  const known = LAID_OUT.get(examined) ?? new Map<string, readonly Line[]>()
  LAID_OUT.set(examined, known)
  const key = `${width} ${all}`
  const lines = known.get(key) ?? laidOut(examined, width, all)
  known.set(key, lines)
  return lines
}

function laidOut({ body, entry }: Examined, width: number, all: boolean): readonly Line[] {
  if (body === null) return inGutter(entry.question.params, width)
  return shownJson(body, all).flatMap(({ text, depth, folded }) =>
    folded ? [aside(`${text}: v shows all`, width, depth * INDENT)] : inGutter(text, width, depth * INDENT),
  )
}
