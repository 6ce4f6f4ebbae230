import { isCelNode, type MethodCall, methodCalls } from './cel-syntax.ts'
import { ZONED } from './zoned-time.ts'

/**
 * What stands for a method of the library in rewritten expressions; of the same length, so that positions stay true.
 * `matches` runs on JavaScript's backtracking RegExp there, and the hour in a time zone goes through the machine's own
 * zone, where in one night of the year an hour does not exist.
 */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['matches', '_match_'],
  ...Object.keys(ZONED).map((name): [string, string] => [name, ownName(name)]),
])

/** Gives our name for a method of the library: `_etHours` for `getHours`. */
export function ownName(name: string): string {
  return name === 'matches' ? '_match_' : `_${name.slice(1)}`
}

/** Puts the library's names back into a message about a rewritten expression. */
export function withLibraryNames(message: string): string {
  return [...INSTEAD].reduce((text, [name, own]) => text.replaceAll(own, name), message)
}

/** Renames each call of a method that is ours: an agent's text against a policy's pattern could hang the process. */
export function rewriteMethods(source: string, tree: unknown): string {
  let rewritten = source
  for (const call of methodCalls(tree)) {
    const own = INSTEAD.get(call.name)
    if (own === undefined || !isOurs(call)) continue
    // Between receiver and operand stand only brackets, white space, comments and the name. Where a comment holds the
    // word too, the wrong one may be renamed; the caller looks whether any call is left, and then refuses.
    const [operand] = call.operands
    const before = isCelNode(operand) ? operand.start : call.node.end
    const at = source.lastIndexOf(call.name, before - 1)
    if (at < call.receiver.end) continue
    rewritten = rewritten.slice(0, at) + own + rewritten.slice(at + own.length)
  }
  return rewritten
}

/** Finds the name of a method that should have been renamed and was not; null: there is none. */
export function notRewritten(tree: unknown): string | null {
  return methodCalls(tree).find((call) => INSTEAD.has(call.name) && isOurs(call))?.name ?? null
}

// Without a time zone the library reads UTC, and only the day of the year is wrong there.
function isOurs({ name, operands }: MethodCall): boolean {
  return name === 'getDayOfYear' ? operands.length <= 1 : operands.length === 1
}
