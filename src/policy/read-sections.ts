import { compileMetadata, compileServers } from './compile-settings.ts'
import { datesIn } from './misplaced.ts'
import type { Server } from './policy.ts'
import type { Problem } from './problem.ts'
import { ProblemList } from './problem-list.ts'
import { PolicyFile } from './schema.ts'
import { checkShape } from './shape-fault.ts'
import type { SourceText } from './source-text.ts'
import { nodeAt, plainValue, type YamlNode } from './yaml-node.ts'

/** A policy of the right shape, and what of it is known before its rules are compiled. */
export interface Sections {
  readonly file: PolicyFile
  readonly servers: ReadonlyMap<string, Server>
  readonly expires: Date | null
  /** What is wrong with its metadata and servers; what is found later is added. */
  readonly list: ProblemList
}

/** Checks the shape of a policy, and compiles its metadata and servers; `problems` where its shape is not right. */
export function readSections(
  { root, source }: { readonly root: YamlNode; readonly source: SourceText },
  options: { readonly now: Date | null; readonly signed: boolean },
): Sections | { readonly problems: readonly Problem[] } {
  const shape = checkShape(PolicyFile, root, plainValue(root), source)
  const expiry = nodeAt(root, ['metadata', 'expires'])
  const found = [...shape.problems, ...datesIn(root, (node) => node === expiry, source)]
  if (shape.output === null || found.length > 0) return { problems: inOrder(found) }
  const list = new ProblemList(source, root)
  const expires = compileMetadata(shape.output, options, list)
  return { file: shape.output, servers: compileServers(shape.output, list), expires, list }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
}
