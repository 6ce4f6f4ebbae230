/** A node of a YAML file, with its place: what the strict reader makes of js-yaml's events. */
export type YamlNode = ScalarNode | ListNode | MapNode

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly offset: number
  /** Where its text ends. */
  readonly end: number
  readonly value: string | number | boolean | null
  /** A number's own digits, for those who must not round it. */
  readonly source: string
  /** Neither quoted nor a block: YAML decides where it ends and what it is. */
  readonly plain: boolean
  /** Plain and looking like a date, which elsewhere in the world of YAML is not a string. */
  readonly date: boolean
  /** Maps a position in the value to one in the file. */
  readonly offsetOf: (position: number) => number
}

export interface ListNode {
  readonly kind: 'list'
  readonly offset: number
  readonly items: readonly YamlNode[]
}

export interface MapNode {
  readonly kind: 'map'
  readonly offset: number
  readonly entries: ReadonlyMap<string, { readonly keyOffset: number; readonly value: YamlNode }>
}

export type YamlPath = readonly (string | number)[]

/** Makes a plain value of a node. */
export function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plainValue)
  // `fromEntries` defines each key, also one that is called `__proto__`.
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainValue(entry.value)]))
}

/** Follows a path as far as there are nodes; the last one found stands for what is missing below it. */
export function nodeAt(root: YamlNode, path: YamlPath): YamlNode {
  let node = root
  for (const step of path) {
    const next = childOf(node, step)
    if (next === null) return node
    node = next
  }
  return node
}

/** Gives the offset of the key that a path ends with; of the value where the last step is no key. */
export function keyOffsetAt(root: YamlNode, path: YamlPath): number {
  const parent = nodeAt(root, path.slice(0, -1))
  const entry = parent.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined
  return entry?.keyOffset ?? nodeAt(root, path).offset
}

/** Writes a node as JSON with every number as it was written. */
export function jsonOf(node: YamlNode): string {
  if (node.kind === 'list') return `[${node.items.map(jsonOf).join(',')}]`
  if (node.kind === 'map') {
    const members = [...node.entries].map(([key, { value }]) => `${JSON.stringify(key)}:${jsonOf(value)}`)
    return `{${members.join(',')}}`
  }
  return typeof node.value === 'number' ? node.source : JSON.stringify(node.value)
}

function childOf(node: YamlNode, step: string | number): YamlNode | null {
  if (node.kind === 'map') return node.entries.get(String(step))?.value ?? null
  if (node.kind === 'list' && typeof step === 'number') return node.items[step] ?? null
  return null
}
