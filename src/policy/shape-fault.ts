import * as v from 'valibot'
import { didYouMean } from './near-miss.ts'
import type { Problem } from './problem.ts'
import type { SourceText } from './source-text.ts'
import { hintForCondition } from './yaml-fault.ts'
import { keyOffsetAt, nodeAt, type ScalarNode, type YamlNode } from './yaml-node.ts'

/** What later versions know: a policy that asks for masking must not load where nothing masks. */
const LATER = new Set(
  (
    'approval approvals activate audience duration identity inspect masks maxStale onFull people refresh secrets spool ' +
    'unlisted upload uses who'
  ).split(' '),
)

/** A policy's own message stands in the schema; valibot's stock ones begin so. */
const STOCK = /^Invalid /u

/** Checks a file against a schema; what is wrong comes back with its place and in words that say what to do. */
export function checkShape<const T extends v.GenericSchema>(
  schema: T,
  root: YamlNode,
  value: unknown,
  source: SourceText,
): { output: v.InferOutput<T> | null; problems: Problem[] } {
  // To the schema library a list is an object too, and an empty one lacks nothing but what is required.
  const lists = listsForMappings(schema, root, source)
  if (lists.length > 0) return { output: null, problems: lists }
  const result = v.safeParse(schema, value)
  if (result.success) return { output: result.output, problems: [] }
  const problems = result.issues
    .flatMap((issue) => deepest(issue))
    .map((issue) => problemOf(issue, schema, root, source))
  return { output: null, problems }
}

function listsForMappings(schema: unknown, node: YamlNode, source: SourceText): Problem[] {
  const here = unwrapped(schema)
  if (!isObject(here) || node.kind === 'scalar') return []
  if (node.kind === 'list') {
    const isMapping = here['type'] === 'strict_object' || here['type'] === 'record'
    if (isMapping) return [source.problem(node.offset, 'expected a mapping, not a list')]
    return node.items.flatMap((item) => listsForMappings(here['item'], item, source))
  }
  return [...node.entries].flatMap(([key, entry]) => listsForMappings(below(here, key), entry.value, source))
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

function problemOf(
  { issue, path }: Located,
  schema: v.GenericSchema,
  root: YamlNode,
  source: SourceText,
): Problem {
  const key = String(path.at(-1) ?? '')
  if (issue.type === 'strict_object' && issue.path !== undefined) {
    if (issue.expected === 'never') return unknownKey(key, path, schema, root, source)
    if (issue.received === 'undefined') {
      return source.problem(nodeAt(root, path.slice(0, -1)).offset, `\`${key}\` is missing here`)
    }
  }
  const offset = issue.path?.at(-1)?.origin === 'key' ? keyOffsetAt(root, path) : nodeAt(root, path).offset
  if (issue.input === null) return emptyValue(key, keyOffsetAt(root, path), source)
  if (!STOCK.test(issue.message)) return source.problem(offset, issue.message)
  return source.problem(offset, wrongType(issue, nodeAt(root, path)), hintForType(issue, source, offset))
}

function unknownKey(
  key: string,
  path: readonly (string | number)[],
  schema: v.GenericSchema,
  root: YamlNode,
  source: SourceText,
): Problem {
  const offset = keyOffsetAt(root, path)
  const known = keysAt(schema, path.slice(0, -1))
  // `when` belongs to rules now and to grants later.
  if (LATER.has(key) || (key === 'when' && known.includes('rules'))) {
    const hint = 'delete it if the policy is safe without, else use a later hoopctl'
    return source.problem(offset, `this version of hoopctl does not know \`${key}\` yet`, hint)
  }
  const near = didYouMean(key, known)
  return source.problem(
    offset,
    `unknown key \`${key}\`${near}`,
    near === '' ? `there are ${known.join(', ')}` : null,
  )
}

function emptyValue(key: string, offset: number, source: SourceText): Problem {
  if (key === 'when') {
    const message = '`when` is empty: YAML takes `#` and what follows for a comment'
    return source.problem(offset, message, hintForCondition('when:'))
  }
  return source.problem(offset, /^\d+$/u.test(key) ? 'this entry is empty' : `\`${key}\` has no value`)
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

function hintForType(issue: v.BaseIssue<unknown>, source: SourceText, offset: number): string | null {
  if (issue.type !== 'string' && issue.type !== 'union') return null
  return hintForCondition(source.lineAt(offset)) ?? 'put it in quotes'
}

/** Finds dates where text is wanted: other YAML readers make something else of them. */
export function datesIn(
  root: YamlNode,
  allowed: (node: ScalarNode) => boolean,
  source: SourceText,
): Problem[] {
  if (root.kind === 'scalar') {
    if (!root.date || allowed(root)) return []
    return [
      source.problem(
        root.offset,
        `\`${root.source}\` is a date to some YAML readers`,
        `put it in quotes: "${root.source}"`,
      ),
    ]
  }
  const children = root.kind === 'list' ? root.items : [...root.entries.values()].map(({ value }) => value)
  return children.flatMap((child) => datesIn(child, allowed, source))
}

// Follows the schema by the path of an issue, to name the keys that could have been meant.
function keysAt(schema: v.GenericSchema, path: readonly (string | number)[]): string[] {
  let at: unknown = schema
  for (const step of path) at = below(unwrapped(at), step)
  const here = unwrapped(at)
  return isObject(here) && isObject(here['entries']) ? Object.keys(here['entries']) : []
}

function below(schema: unknown, step: string | number): unknown {
  if (!isObject(schema)) return null
  const entries = schema['entries']
  if (isObject(entries)) return entries[step]
  return schema['type'] === 'record' ? schema['value'] : schema['item']
}

function unwrapped(schema: unknown): unknown {
  return isObject(schema) && 'wrapped' in schema ? schema['wrapped'] : schema
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}
