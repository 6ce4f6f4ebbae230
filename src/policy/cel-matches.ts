import { MATCHES_INSTEAD } from './cel-environment.ts'
import { isCelNode, methodCalls } from './cel-syntax.ts'

/**
 * Renames each call of `matches`, which the library runs on JavaScript's backtracking RegExp, to ours: an agent's text
 * against a policy's pattern could hang the process. The name has the same length, so positions in errors stay true.
 */
export function rewriteMatches(source: string, tree: unknown): string {
  let rewritten = source
  for (const { name, receiver, operands } of methodCalls(tree)) {
    const [operand] = operands
    if (name !== 'matches' || !isCelNode(operand)) continue
    // Between receiver and operand stand only brackets, white space, comments and the name. Where a comment holds the
    // word too, the wrong one may be renamed; the caller looks whether any call is left, and then refuses.
    const at = source.lastIndexOf('matches', operand.start - 1)
    if (at < receiver.end) continue
    rewritten = rewritten.slice(0, at) + MATCHES_INSTEAD + rewritten.slice(at + MATCHES_INSTEAD.length)
  }
  return rewritten
}
