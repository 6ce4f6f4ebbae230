import { type ConditionKind, FACTS, fieldsOf } from './cel-environment.ts'
import { habitHint, writtenAt } from './cel-habits.ts'
import { withLibraryNames } from './cel-own-methods.ts'
import { didYouMean } from './near-miss.ts'

/** What is wrong with a condition; `offset` counts from the start of its text. */
export interface ConditionFault {
  readonly offset: number
  readonly message: string
  readonly hint: string | null
}

/** Puts what the CEL library says of an expression into this product's words. */
export function explainCelError(error: unknown, source: string, kind: ConditionKind): ConditionFault {
  if (!(error instanceof Error) || !('code' in error) || !('summary' in error)) {
    // Not an error of the language: the expression is nested so deeply that reading it overflowed.
    return { offset: 0, message: 'the condition is nested too deeply', hint: null }
  }
  const { start, end } = rangeOf(error)
  const summary = withLibraryNames(String(error.summary).split('\n')[0] ?? '')
  const word = source.slice(start, end)
  if (error.code === 'unknown_variable') return unknownVariable(word, start, kind)
  if (error.code === 'no_such_key') return unknownField(word, start, source, kind)
  if (error.code === 'no_matching_overload') return unknownFunction(summary, start)
  if (/\bEOF\b/u.test(summary)) {
    return {
      offset: start,
      message: 'the condition ends too early',
      hint: 'a bracket, a quote or a value is missing',
    }
  }
  const { text, offset } = writtenAt(start, source)
  const habit = SYNTAX.has(String(error.code)) ? habitHint(text) : null
  if (habit !== null || OUT_OF_PLACE.has(String(error.code)))
    return { offset, message: `unexpected \`${text}\``, hint: habit }
  const message = wordsForTokens(summary)
    .replaceAll('google.protobuf.', '')
    .replaceAll('$', '')
    .replaceAll("'", '`')
    .replace('no such overload', 'these types do not fit')
    .replace('Newlines not allowed in single-quoted strings', 'unterminated string')
  return { offset: start, message: message.charAt(0).toLowerCase() + message.slice(1), hint: null }
}

// Of these the library names a single character, and not always the right one.
const OUT_OF_PLACE: ReadonlySet<string> = new Set(['unexpected_character', 'unexpected_token'])
const SYNTAX: ReadonlySet<string> = new Set([...OUT_OF_PLACE, 'expected_token'])

const FUNCTIONS = (
  'size has startsWith endsWith contains matches lowerAscii upperAscii trim indexOf lastIndexOf substring split join ' +
  'all exists exists_one map filter int uint double string bool bytes timestamp duration getFullYear getMonth getDate ' +
  'getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds getMilliseconds'
).split(' ')

function unknownFunction(summary: string, offset: number): ConditionFault {
  const called = /'(.*)'/u.exec(summary)?.[1] ?? ''
  const name = /([A-Za-z_]+)\(/u.exec(called)?.[1] ?? ''
  if (!FUNCTIONS.includes(name)) {
    return {
      offset,
      message: `there is no function \`${name}\`${didYouMean(name, FUNCTIONS)}`,
      hint: habitHint(name),
    }
  }
  const operands = /\(.*\)$/u.exec(called)?.[0] ?? '()'
  const receiver = /^([A-Za-z<>., ]+)\.[A-Za-z]+\(/u.exec(called)?.[1]?.replace('google.protobuf.', '')
  const on = receiver === undefined ? '' : ` on ${receiver}`
  return { offset, message: `\`${name}\` does not take ${operands}${on}`, hint: null }
}

const TOKENS: Readonly<Record<string, string>> = {
  RPAREN: '`)`',
  RBRACKET: '`]`',
  RBRACE: '`}`',
  LPAREN: '`(`',
  LBRACKET: '`[`',
  LBRACE: '`{`',
  COLON: '`:`',
  COMMA: '`,`',
  DOT: '`.`',
  QUESTION: '`?`',
  IDENTIFIER: 'a name',
  NUMBER: 'a number',
  STRING: 'a text',
}

// The library names tokens as its source does.
function wordsForTokens(summary: string): string {
  return summary.replace(/\b[A-Z]{3,}\b/gu, (token) => TOKENS[token] ?? token.toLowerCase())
}

/** Says that a condition names a variable that there is not. */
function unknownVariable(word: string, offset: number, kind: ConditionKind): ConditionFault {
  if (FACTS.includes(word)) {
    const message = `conditions on facts (\`${word}\`) come with inspectors, which this version does not have`
    return { offset, message, hint: 'read `args` instead, or use a later hoopctl' }
  }
  const known = fieldsOf(kind, [])
  const message = `unknown variable \`${word}\`${didYouMean(word, known)}`
  const habit = habitHint(word)
  if (habit !== null) return { offset, message: `unknown variable \`${word}\``, hint: habit }
  return { offset, message, hint: `in ${LABEL[kind]} there are ${known.join(', ')}` }
}

const LABEL = {
  tool: 'a rule about a tool',
  prompt: 'a rule about a prompt',
  resource: 'a rule about a resource',
  serverRequest: 'a rule about a server request',
  grant: 'the condition of a grant',
  workload: 'the condition of a workload',
} as const

/** Says that a declared variable has no such field. */
export function unknownField(
  word: string,
  offset: number,
  source: string,
  kind: ConditionKind,
): ConditionFault {
  const owners = /([A-Za-z_][A-Za-z0-9_]*(?:\s*\.\s*[A-Za-z_][A-Za-z0-9_]*)*)\s*\.\s*$/u.exec(
    source.slice(0, offset),
  )
  const path = (owners?.[1] ?? '').split('.').map((name) => name.trim())
  const known = fieldsOf(kind, path)
  const hint = known.length === 0 ? null : `\`${path.join('.')}\` has ${known.join(', ')}`
  return { offset, message: `unknown field \`${word}\`${didYouMean(word, known)}`, hint }
}

function rangeOf(error: Error): { start: number; end: number } {
  const range: unknown = 'range' in error ? error.range : null
  if (typeof range !== 'object' || range === null || !('start' in range) || !('end' in range))
    return { start: 0, end: 0 }
  const { start, end } = range
  return typeof start === 'number' && typeof end === 'number' ? { start, end } : { start: 0, end: 0 }
}
