import type { YamlNode } from './yaml-node.ts'

// Weak: a payload that nobody holds any more takes its tree along.
const TREES = new WeakMap<Uint8Array, YamlNode>()

/** Keeps the tree of a payload without faults for whoever reads the same bytes next: parsing is half of what a start costs. */
export function keepTree(payload: Uint8Array, root: YamlNode): void {
  TREES.set(payload, root)
}

/** Gives the tree that was kept for these very bytes, and forgets it; null where none was. */
export function takeTree(payload: Uint8Array): YamlNode | null {
  const root = TREES.get(payload) ?? null
  TREES.delete(payload)
  return root
}
