/** A pattern over names or addresses, compiled. Its matcher takes time linear in the text; no regular expression is built. */
export interface Pattern {
  readonly text: string
  /** What comes before the first wildcard; the whole text where there is none. */
  readonly prefix: string
  /** No wildcard: only the text itself matches. */
  readonly exact: boolean
  /** Matches everything. */
  readonly all: boolean
  readonly matches: (candidate: string) => boolean
}

/** Compiles a pattern over names: `*` is any run of characters, everything else stands for itself, upper and lower case differ. */
export function namePattern(text: string): Pattern {
  const pieces = text.split('*')
  const first = pieces[0] ?? ''
  if (pieces.length === 1) {
    return { text, prefix: text, exact: true, all: false, matches: (candidate) => candidate === text }
  }
  const last = pieces[pieces.length - 1] ?? ''
  const middle = pieces.slice(1, -1).filter((piece) => piece !== '')
  return {
    text,
    prefix: first,
    exact: false,
    all: pieces.every((piece) => piece === ''),
    matches: (candidate) => matchesPieces(candidate, first, middle, last),
  }
}

// The leftmost place for each piece leaves most room for the next, so there is never a reason to come back.
function matchesPieces(candidate: string, first: string, middle: readonly string[], last: string): boolean {
  if (candidate.length < first.length + last.length) return false
  if (!candidate.startsWith(first) || !candidate.endsWith(last)) return false
  let from = first.length
  const end = candidate.length - last.length
  for (const piece of middle) {
    const at = candidate.indexOf(piece, from)
    if (at === -1 || at + piece.length > end) return false
    from = at + piece.length
  }
  return true
}
