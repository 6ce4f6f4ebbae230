import type { SourceText } from './source-text.ts'
import type { YamlNode } from './yaml-node.ts'

/** A policy's text without faults, as a tree. */
export interface ParsedText {
  readonly source: SourceText
  readonly root: YamlNode
  /** Is it all of the text? Else its head (policy-head.ts). */
  readonly isWhole: boolean
}

// Weak: a payload that nobody holds any more takes its tree along.
const TREES = new WeakMap<Uint8Array, ParsedText>()

/** Keeps the tree of a payload for whoever reads the same bytes next: parsing is half of what a start costs. */
export function keepTree(payload: Uint8Array, parsed: ParsedText): void {
  TREES.set(payload, parsed)
}

/** Gives the tree that was kept for these very bytes, and forgets it; null where none was. */
export function takeTree(payload: Uint8Array): ParsedText | null {
  const parsed = TREES.get(payload) ?? null
  TREES.delete(payload)
  return parsed
}
