import type { ConditionKind } from './cel-environment.ts'
import type { ConditionCompiler } from './compile-condition.ts'
import type { Condition } from './condition.ts'
import type { ProblemList } from './problem-list.ts'
import type { YamlPath } from './yaml-node.ts'

/** What conditions are compiled with. */
export interface WhenTools {
  readonly problems: ProblemList
  readonly conditions: Pick<ConditionCompiler, 'compile'>
}

const NEVER: Partial<Record<ConditionKind, string>> = {
  grant: 'nobody can ever have the grant',
  workload: 'no workload can ever sign in by this entry',
}
const WHATEVER: Partial<Record<ConditionKind, string>> = {
  grant: 'the circumstances are',
  workload: 'the claims are',
}

// Words alone cannot be the rest of a condition: it would go on with a sign or with `in`.
const PROSE = /^#(?!\s*in\b)[\p{L}\p{N}\s,;]*$/iu

/** Compiles a condition; null where something is wrong with it. */
export function compileWhen(
  source: string,
  path: YamlPath,
  kind: ConditionKind,
  { problems, conditions }: WhenTools,
): Condition | null {
  if (source.trim() === '') {
    problems.atKey(path, '`when` is empty', 'write the condition, or leave `when` out')
    return null
  }
  // `when: args.path.startsWith("/srv/") # && …`: half of a condition would be gone without a word.
  const comment = problems.commentAfter(path)
  if (comment !== null && !PROSE.test(comment.text)) {
    const message = 'YAML takes this for a comment, so it is no part of the condition'
    const hint = 'write `when: |` and the condition on the next line; a comment stands on a line of its own'
    problems.at(comment.offset, message, hint)
    return null
  }
  const { condition, fault } = conditions.compile(source, kind)
  if (fault !== null) {
    problems.inText(path, fault.offset, fault.message, fault.hint)
    return null
  }
  if (condition.constant === 'no')
    problems.atValue(path, `this condition is never true, so ${NEVER[kind] ?? 'the rule can never match'}`)
  if (condition.constant === 'failed')
    problems.atValue(path, `this condition fails whatever ${WHATEVER[kind] ?? 'the call is'}`)
  if (condition.constant === 'yes')
    problems.warn(problems.offset(path), 'this condition is always true', 'leave `when` out')
  return condition
}
