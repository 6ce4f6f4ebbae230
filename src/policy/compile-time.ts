import type { ProblemList } from './problem-list.ts'
import { quantity } from './quantity.ts'
import type { YamlPath } from './yaml-node.ts'

/**
 * Reads a time as milliseconds; null where it is not written. What lasts longer than `most` is noted as an error: what
 * is meant to end by itself would not.
 */
export function compileTime(
  text: string | undefined,
  path: YamlPath,
  problems: ProblemList,
  most = '30d',
): number | null {
  if (text === undefined) return null
  const ms = quantity(text)
  if (ms > quantity(most))
    problems.atValue(
      path,
      `\`${text}\` is longer than \`${most}\`, which is the most here`,
      'write a shorter time',
    )
  return ms
}
