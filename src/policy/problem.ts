import { HoopctlError } from '../errors.ts'
import { visible } from '../visible.ts'

/** One thing wrong with a policy or a policy test, and where. Lines and columns count from 1, columns in UTF-16 units. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The line's text, as it stands in the file. */
  readonly text: string
  readonly message: string
  /** What to write instead; null where the message says it all. */
  readonly hint: string | null
  readonly severity: 'error' | 'warning'
}

/** Prints a problem as `policy.yaml:9:12: unknown key …`, with the line, a mark under its column and the hint below. */
export function printProblem(problem: Problem): string {
  const lines = [headOf(problem)]
  if (problem.text !== '') lines.push(...excerpt(problem))
  if (problem.hint !== null) lines.push(`  hint: ${visible(problem.hint)}`)
  return lines.join('\n')
}

/** Refuses a policy: `problems` holds every error that was found, in the order of the file. */
export class PolicyError extends HoopctlError {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], path: string) {
    super('POLICY_INVALID', problems.map(headOf).join('\n') || `${visible(path)}: invalid`, {
      hint: problems[0]?.hint ?? `run: hoopctl policy lint ${visible(path)}`,
    })
    this.problems = problems
  }
}

const EXCERPT_CHARACTERS = 160

function headOf({ file, line, column, message, severity }: Problem): string {
  const label = severity === 'warning' ? 'warning: ' : ''
  return `${visible(file)}:${line}:${column}: ${label}${visible(message)}`
}

function excerpt({ text, column }: Problem): string[] {
  // A line of a megabyte would bury the message; the mark must stay under its character all the same.
  const start = column > EXCERPT_CHARACTERS ? column - EXCERPT_CHARACTERS / 2 : 0
  const before = visible(text.slice(start, column - 1), '\t').replace(/[^\t]/gu, ' ')
  return [`  | ${visible(text.slice(start, start + EXCERPT_CHARACTERS), '\t')}`, `  | ${before}^`]
}
