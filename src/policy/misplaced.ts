import { didYouMean } from './near-miss.ts'
import type { Problem } from './problem.ts'
import type { SourceText } from './source-text.ts'
import type { ListNode, ScalarNode, YamlNode } from './yaml-node.ts'

/** What later versions know: a policy that asks for masking must not load where nothing masks. */
const LATER = new Set('inspect masks'.split(' '))

const UNUSABLE = ['__proto__', 'prototype', 'constructor']

/**
 * Finds every key that a schema does not know, and every list where it wants a mapping (to the schema library a list is
 * an object too, and an empty one lacks nothing but what is required).
 */
export function misplacedIn(schema: unknown, node: YamlNode, source: SourceText): Problem[] {
  const found: Problem[] = []
  lookIn({ schema, under: '' }, node, source, found)
  return found
}

interface Place {
  readonly schema: unknown
  /** The key whose value is looked at. */
  readonly under: string
}

// Every entry of a policy comes by here at each start, so nothing is made on the way.
function lookIn({ schema, under }: Place, node: YamlNode, source: SourceText, found: Problem[]): void {
  if (node.kind === 'scalar') return
  const here = ofUnion(unwrapped(schema), node)
  if (!isObject(here)) return
  if (node.kind === 'list') {
    const isMapping = here['type'] === 'strict_object' || here['type'] === 'record'
    if (isMapping)
      found.push(source.problem(node.offset, 'expected a mapping, not a list', hintForList(node, under)))
    else for (const item of node.items) lookIn({ schema: here['item'], under }, item, source, found)
    return
  }
  const entries = isObject(here['entries']) ? here['entries'] : null
  for (const [key, { keyOffset, value }] of node.entries) {
    // The schema library leaves these out of a mapping without a word.
    if (entries === null && UNUSABLE.includes(key))
      found.push(source.problem(keyOffset, `\`${key}\` cannot be a name here`))
    else if (entries !== null && !Object.hasOwn(entries, key))
      found.push(unknownKey({ key, under }, keyOffset, Object.keys(entries), source))
    else lookIn({ schema: entries === null ? here['value'] : entries[key], under: key }, value, source, found)
  }
}

// A list of people is nearly always meant as one of groups.
function hintForList({ items }: ListNode, under: string): string | null {
  if (under !== 'who' && under !== 'by') return null
  const names = items.flatMap((item) => (item.kind === 'scalar' && item.plain ? [item.source] : []))
  const groups = names.length > 0 && names.length === items.length ? names.join(', ') : 'a-group'
  return `write \`${under}: { groups: [${groups}] }\``
}

/** Finds dates where text is wanted: other YAML readers make something else of them. */
export function datesIn(
  root: YamlNode,
  allowed: (node: ScalarNode) => boolean,
  source: SourceText,
): Problem[] {
  const found: Problem[] = []
  const look = (node: YamlNode): void => {
    if (node.kind === 'list') return node.items.forEach(look)
    if (node.kind === 'map') return node.entries.forEach(({ value }) => look(value))
    if (!node.date || allowed(node)) return
    const hint = `put it in quotes: "${node.source}"`
    found.push(source.problem(node.offset, `\`${node.source}\` is a date to some YAML readers`, hint))
  }
  look(root)
  return found
}

interface Key {
  readonly key: string
  /** The key whose value it stands in. */
  readonly under: string
}

function unknownKey(
  { key, under }: Key,
  offset: number,
  known: readonly string[],
  source: SourceText,
): Problem {
  if (LATER.has(key)) {
    const hint = 'delete it if the policy is safe without, else use a later hoopctl'
    return source.problem(offset, `this version of hoopctl does not know \`${key}\` yet`, hint)
  }
  const place = placeInRule({ key, under }, known)
  if (place !== null) return source.problem(offset, `unknown key \`${key}\` here`, place)
  const near = didYouMean(key, known)
  const hint = near === '' ? `there are ${known.join(', ')}` : null
  return source.problem(offset, `unknown key \`${key}\`${near}`, hint)
}

/** Says where a key of a rule belongs that was written into the rule's matcher, or outside of all rules. */
function placeInRule({ key, under }: Key, known: readonly string[]): string | null {
  const inMatcher = known.includes('serverRequest')
  if (inMatcher && BESIDE_EFFECT.includes(key)) {
    return `\`${key}\` stands beside \`${under}\`, not in it`
  }
  if (under === '' && known.includes('rules') && IN_RULE.includes(key)) {
    return `\`${key}\` belongs to a rule: indent it like the rest of the rule`
  }
  return null
}

const IN_RULE: readonly string[] = ['allow', 'ask', 'deny', 'when', 'reason', 'approval']
const BESIDE_EFFECT: readonly string[] = ['when', 'reason', 'name', 'approval']

function unwrapped(schema: unknown): unknown {
  return isObject(schema) && 'wrapped' in schema ? schema['wrapped'] : schema
}

/** Of a union, the one that a node may be meant for: that with items for a list, else that with keys. */
function ofUnion(schema: unknown, node: YamlNode): unknown {
  if (!isObject(schema) || schema['type'] !== 'union' || !Array.isArray(schema['options'])) return schema
  const options: readonly unknown[] = schema['options']
  const withItems =
    node.kind === 'list' ? options.find((each) => isObject(each) && 'item' in each) : undefined
  return withItems ?? options.find((each) => isObject(each) && 'entries' in each)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
