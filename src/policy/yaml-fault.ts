import type { YAMLException } from 'js-yaml'
import type { Problem } from './problem.ts'
import type { SourceText } from './source-text.ts'

const WRITE_BLOCK = 'write `when: |` and the condition on the next line, indented'

/** Puts a syntax error of the YAML reader into words that say what to do. */
export function explainYamlError(error: YAMLException, source: SourceText): Problem {
  // The reader stands behind the last character when a quote or bracket is never closed.
  const offset = Math.min(error.mark?.position ?? 0, source.text.length)
  const { text, column } = source.problem(offset, '')
  if (text.startsWith('\t')) {
    return source.problem(offset - (column - 1), 'a tab cannot indent in YAML', 'indent with spaces')
  }
  const message = `this is not valid YAML: ${REASONS[error.reason] ?? error.reason}`
  if (error.reason === NOT_CLOSED) {
    // The reader notices on the next line; what is missing is missing at the end of this one.
    return source.problem(source.text.slice(0, offset).trimEnd().length, message)
  }
  return source.problem(offset, message, hintForCondition(source.before(offset)) ?? hintForStar(error.reason))
}

/** Gives the way out where a condition begins at the end of `before`, the text of a line up to some place. */
export function hintAfterWhen(before: string): string | null {
  return /(?:^|[\s{,-])when\s*:\s*$/u.test(before) ? WRITE_BLOCK : null
}

/**
 * Gives the way out where a condition that YAML takes apart stands in `before`, the text of a line up to some place; null
 * elsewhere.
 */
export function hintForCondition(before: string): string | null {
  return /(?:^|[\s{,-])when\s*:/u.test(before) ? WRITE_BLOCK : null
}

const NOT_CLOSED = 'deficient indentation'

const REASONS: Readonly<Record<string, string>> = {
  'bad indentation of a mapping entry':
    'this does not belong to the entry before it (indentation, or a missing quote)',
  'bad indentation of a sequence entry': 'this list entry is not indented like the one before it',
  [NOT_CLOSED]: 'a `{`, a `[` or a quote is not closed here, and the next line is no part of it',
  'name of an alias node must contain at least one character': '`*` begins an alias',
  'end of the stream or a document separator is expected': 'there is text behind the end of the document',
  'can not read a block mapping entry; a multiline key may not be an implicit key': 'a key without its `:`',
  'missed comma between flow collection entries': 'a comma, a closing bracket or a quote is missing',
  'unexpected end of the stream within a flow collection': 'a `[` or `{` is never closed',
  'unexpected end of the stream within a double quoted scalar': 'a `"` is never closed',
  'unexpected end of the stream within a single quoted scalar': "a `'` is never closed",
}

function hintForStar(reason: string): string | null {
  return reason.includes('alias') ? 'put a pattern that begins with `*` in quotes' : null
}
