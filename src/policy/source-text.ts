import type { Problem } from './problem.ts'

/** A file's text, with what it takes to say where in it something is wrong. */
export class SourceText {
  readonly path: string
  readonly text: string
  #lineStarts: readonly number[] | null = null

  constructor(text: string, path: string) {
    this.text = text
    this.path = path
  }

  /** Makes a problem of what stands at `offset`. */
  problem(
    offset: number,
    message: string,
    hint: string | null = null,
    severity: Problem['severity'] = 'error',
  ): Problem {
    const { line, column, text } = this.#place(offset)
    return { file: this.path, line, column, text, message, hint, severity }
  }

  /** Gives the number of the line at `offset`, counted from 1. */
  lineOf(offset: number): number {
    return this.#lineAt(offset).index + 1
  }

  /** Gives what stands before `offset` on its line. */
  before(offset: number): string {
    const { text, column } = this.#place(offset)
    return text.slice(0, column - 1)
  }

  #place(offset: number): { line: number; column: number; text: string } {
    const { at, index, starts } = this.#lineAt(offset)
    const start = starts[index] ?? 0
    const line = this.text.slice(start, starts[index + 1] ?? this.text.length)
    return { line: index + 1, column: at - start + 1, text: line.replace(/[\r\n]+$/u, '') }
  }

  #lineAt(offset: number): { at: number; index: number; starts: readonly number[] } {
    this.#lineStarts ??= lineStartsOf(this.text)
    const starts = this.#lineStarts
    const at = Math.min(Math.max(offset, 0), this.text.length)
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= at) low = middle
      else high = middle - 1
    }
    return { at, index: low, starts }
  }
}

/** Decodes a file, or says why it is no text that a policy can be written in. */
export function decodeSource(
  bytes: Uint8Array,
  path: string,
): { source: SourceText; problem: Problem | null } {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const source = new SourceText(text, path)
  if (text.startsWith('\ufeff')) {
    return {
      source,
      problem: source.problem(0, 'the file begins with a byte order mark', 'save it as UTF-8 without BOM'),
    }
  }
  const bad = text.search(/[\0\ufffd]/u)
  if (bad === -1) return { source, problem: null }
  if (text[bad] === '\0')
    return { source, problem: source.problem(bad, 'the file holds a NUL character', null) }
  // A real U+FFFD in the file decodes to itself; only re-encoding tells it from a replaced byte.
  if (Buffer.from(text, 'utf8').equals(bytes)) return { source, problem: null }
  return { source, problem: source.problem(bad, 'the file is not valid UTF-8', 'save it as UTF-8') }
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  // A lone CR is a line break in YAML too.
  for (const found of text.matchAll(/\r\n|\n|\r/gu)) starts.push(found.index + found[0].length)
  return starts
}
