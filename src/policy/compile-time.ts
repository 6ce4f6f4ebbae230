import type { ProblemList } from './problem-list.ts'
import { quantity } from './quantity.ts'
import type { YamlPath } from './yaml-node.ts'

const MAX_MS = 30 * 86_400_000

/**
 * Reads a time as milliseconds; null where it is not written. What lasts longer than 30 days is noted as an error: what
 * is meant to end by itself would not.
 */
export function compileTime(text: string | undefined, path: YamlPath, problems: ProblemList): number | null {
  if (text === undefined) return null
  const ms = quantity(text)
  if (ms > MAX_MS)
    problems.atValue(
      path,
      `\`${text}\` is longer than \`30d\`, which is the most here`,
      'write a shorter time',
    )
  return ms
}
