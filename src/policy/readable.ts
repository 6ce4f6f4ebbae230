import { entriesFor, type RulesInForce } from './rules-in-force.ts'

/** Says whether any rule that covers a tool reads what the server claims about it, so that its definition must be known. */
export function needsAnnotations(name: string, rules: RulesInForce): boolean {
  return entriesFor('tool', name, rules).some(
    ({ rule, cover }) =>
      rule.when?.reads.has('tool.annotations') === true || cover.when?.reads.has('tool.annotations') === true,
  )
}
