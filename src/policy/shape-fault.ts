import * as v from 'valibot'
import type { Problem } from './problem.ts'
import { misplacedIn } from './misplaced.ts'
import type { SourceText } from './source-text.ts'
import { hintForCondition } from './yaml-fault.ts'
import { keyOffsetAt, nodeAt, type YamlNode } from './yaml-node.ts'

/** A policy's own message stands in the schema; valibot's stock ones begin so. */
const STOCK = /^Invalid /u

/** Checks a file against a schema; what is wrong comes back with its place and in words that say what to do. */
export function checkShape<const T extends v.GenericSchema>(
  schema: T,
  root: YamlNode,
  value: unknown,
  source: SourceText,
): { output: v.InferOutput<T> | null; problems: Problem[] } {
  const misplaced = misplacedIn(schema, root, source)
  const result = v.safeParse(schema, value)
  if (result.success && misplaced.length === 0) return { output: result.output, problems: [] }
  // The library names the first unknown key of a mapping and stops; `misplaced` has them all.
  const problems = (result.issues ?? [])
    .flatMap((issue) => deepest(issue))
    .filter(({ issue: { type, expected } }) => type !== 'strict_object' || expected !== 'never')
    .map((issue) => problemOf(issue, root, source))
  return {
    output: null,
    problems: [...misplaced, ...problems].sort((a, b) => a.line - b.line || a.column - b.column),
  }
}

interface Located {
  readonly issue: v.BaseIssue<unknown>
  readonly path: readonly (string | number)[]
}

// A union's own message says only that nothing fitted; the branch whose type fitted says why not.
function deepest(issue: v.BaseIssue<unknown>, prefix: readonly (string | number)[] = []): Located[] {
  const path = [...prefix, ...(issue.path ?? []).map(({ key }) => key as string | number)] // keys of plain values
  const inner = issue.issues?.filter((nested) => nested.kind === 'validation' || nested.path !== undefined)
  if (issue.type === 'union' && inner !== undefined && inner.length > 0) {
    return inner.slice(0, 1).flatMap((nested) => deepest(nested, path))
  }
  return [{ issue, path }]
}

function problemOf({ issue, path }: Located, root: YamlNode, source: SourceText): Problem {
  const key = String(path.at(-1) ?? '')
  if (issue.type === 'strict_object' && issue.path !== undefined && issue.received === 'undefined') {
    const hint = INSTEAD_OF_NOTHING[key] ?? null
    return source.problem(nodeAt(root, path.slice(0, -1)).offset, `\`${key}\` is missing here`, hint)
  }
  const offset = issue.path?.at(-1)?.origin === 'key' ? keyOffsetAt(root, path) : nodeAt(root, path).offset
  if (issue.input === null) return emptyValue(key, keyOffsetAt(root, path), source)
  if (!STOCK.test(issue.message)) return source.problem(offset, issue.message)
  const node = nodeAt(root, path)
  return source.problem(offset, wrongType(issue, node), hintForType({ issue, path }, node, source))
}

function emptyValue(key: string, offset: number, source: SourceText): Problem {
  if (key === 'when') {
    const message = '`when` is empty: YAML takes `#` and what follows for a comment'
    return source.problem(offset, message, hintForCondition('when:'))
  }
  const message = /^\d+$/u.test(key) ? 'this entry is empty' : `\`${key}\` has no value`
  return source.problem(offset, message, INSTEAD_OF_NOTHING[key] ?? null)
}

function wrongType(issue: v.BaseIssue<unknown>, node: YamlNode): string {
  const expected = EXPECTED[issue.type] ?? issue.expected?.replaceAll('"', '`') ?? 'something else'
  return `expected ${issue.type === 'union' ? 'text or a list of texts' : expected}, not ${found(node)}`
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: '`true` or `false`',
  array: 'a list',
  strict_object: 'a mapping',
  record: 'a mapping',
}

function found(node: YamlNode): string {
  if (node.kind === 'list') return 'a list'
  if (node.kind === 'map') return 'a mapping'
  const shown = node.source.length > 60 ? `${node.source.slice(0, 60)}…` : node.source
  if (typeof node.value === 'number') return `the number \`${shown}\``
  if (typeof node.value === 'boolean') return `the truth value \`${shown}\``
  return node.plain ? `\`${shown}\`` : `the text \`${shown}\``
}

function hintForType({ issue, path }: Located, node: YamlNode, source: SourceText): string | null {
  const key = String(path.at(-1))
  if (key === 'approvals' && path.length === 2 && node.kind === 'scalar')
    return 'write `approvals: { clientId: a-second-client }`'
  if (node.kind === 'scalar' && issue.type === 'strict_object' && key in AS_MAPPING) {
    return `write \`${key}: ${AS_MAPPING[key] ?? ''}\``
  }
  const unit = UNITS[`${String(path.at(-2))}.${key}`] ?? UNITS[key]
  if (unit !== undefined && issue.type === 'string' && typeof issue.input === 'number')
    return `with a unit: \`${issue.input}${unit}\``
  if (issue.type === 'array' && node.kind === 'scalar' && node.plain)
    return `write \`${key}: [${node.source}]\``
  if (issue.type === 'array' && node.kind === 'map') {
    return `a list: each ${SINGULAR[key] ?? 'entry'} begins with \`- \``
  }
  if (key === 'apiVersion' && /^hoopctl\/v\d/u.test(String(issue.input))) {
    return 'this hoopctl knows `hoopctl/v1` only: a newer one is needed'
  }
  if (issue.type !== 'string' && issue.type !== 'union') return null
  return hintForCondition(source.before(node.offset)) ?? 'put it in quotes'
}

/** What people write as one word, and how it is written. */
const AS_MAPPING: Readonly<Record<string, string>> = {
  duration: '{ default: 30m, max: 4h }',
  activate: '{ mode: session }',
  approval: '{ proof: oidc }',
  remember: '{ count: 5, for: 30m }',
  groups: '{ claim: roles }',
}

/** What people most likely mean by a number alone: of a time or a size, by its key, perhaps with the one above it. */
const UNITS: Readonly<Record<string, string>> = {
  default: 'm',
  max: 'm',
  'payloads.max': 'KiB',
  'spool.max': 'MiB',
  messageSize: 'MiB',
  refresh: 'm',
  maxStale: 'h',
  maxAge: 'h',
  retain: 'd',
  required: 'm',
  wait: 's',
  timeout: 'm',
  valid: 'm',
  for: 'm',
  'lock.for': 'd',
}

const INSTEAD_OF_NOTHING: Readonly<Record<string, string>> = {
  who: 'write `who: { groups: [a-group] }`, or on purpose `who: everyone`',
  by: 'write `by: { groups: [a-group] }`, or on purpose `by: everyone`',
}

const SINGULAR: Readonly<Record<string, string>> = {
  rules: 'rule',
  grants: 'grant',
  tests: 'test',
  workloads: 'workload',
  people: 'person',
}
