import type { Problem } from './problem.ts'
import type { SourceText } from './source-text.ts'
import { keyOffsetAt, nodeAt, type YamlNode, type YamlPath } from './yaml-node.ts'

/** Collects what is wrong with one file, by the paths of its keys and values. */
export class ProblemList {
  readonly #source: SourceText
  readonly #root: YamlNode
  readonly #problems: Problem[] = []

  constructor(source: SourceText, root: YamlNode) {
    this.#source = source
    this.#root = root
  }

  /** Gives what was found, in the order of the file. */
  sorted(): Problem[] {
    return [...this.#problems].sort((a, b) => a.line - b.line || a.column - b.column)
  }

  /** Whether any error was noted so far. */
  get hasErrors(): boolean {
    return this.#problems.some(({ severity }) => severity === 'error')
  }

  /** Notes an error about the value at a path. */
  atValue(path: YamlPath, message: string, hint: string | null = null): void {
    this.at(this.#node(path).offset, message, hint)
  }

  /** Notes an error about the key that a path ends with. */
  atKey(path: YamlPath, message: string, hint: string | null = null): void {
    this.at(keyOffsetAt(this.#root, path), message, hint)
  }

  /** Notes an error inside the text at a path. */
  inText(path: YamlPath, position: number, message: string, hint: string | null): void {
    const node = this.#node(path)
    const offset = node.kind === 'scalar' ? node.offsetOf(position) : node.offset
    this.at(offset, message, hint)
  }

  /** Notes an error at a place in the file. */
  at(offset: number, message: string, hint: string | null = null): void {
    this.#problems.push(this.#source.problem(offset, message, hint))
  }

  /** Notes what is allowed and probably not meant. */
  warn(offset: number, message: string, hint: string | null = null): void {
    this.#problems.push(this.#source.problem(offset, message, hint, 'warning'))
  }

  /** Gives the place of the value at a path. */
  offset(path: YamlPath): number {
    return this.#node(path).offset
  }

  /** Gives the line of the value at a path, counted from 1. */
  line(path: YamlPath): number {
    return this.#source.lineOf(this.offset(path))
  }

  /** Gives the comment that YAML sees on the line behind the unquoted text at a path; null: there is none. */
  commentAfter(path: YamlPath): { readonly offset: number; readonly text: string } | null {
    const node = this.#node(path)
    if (node.kind !== 'scalar' || !node.plain) return null
    const comment = /[ \t]*(#[^\r\n]*)/uy
    comment.lastIndex = node.end
    const text = comment.exec(this.#source.text)?.[1]
    return text === undefined ? null : { offset: comment.lastIndex - text.length, text }
  }

  #node(path: YamlPath): YamlNode {
    return nodeAt(this.#root, path)
  }
}
