/** A part of a pattern over addresses: one character, or a wildcard and the characters at which it ends. */
export type Token = { readonly literal: string } | { readonly barred: string }

/**
 * Reads a pattern: `*` ends at a path segment's end and, before `pathStart`, at what ends a part of a host; `**` never
 * ends.
 */
export function tokensOf(text: string, pathStart: number): Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '*') {
      tokens.push({ literal: text[at] ?? '' })
      continue
    }
    let end = at
    while (text[end] === '*') end++
    if (end - at > 1) tokens.push({ barred: '' })
    else tokens.push({ barred: at < pathStart ? '/?#@:' : '/?#' })
    at = end - 1
  }
  return tokens
}

/** Gives the states before the first character: how many tokens may be behind us. */
export function begin(tokens: readonly Token[]): number[] {
  return closure(tokens, [0])
}

/** Moves a set of states by one character; none is left where nothing matches any more. */
export function advance(tokens: readonly Token[], states: readonly number[], character: string): number[] {
  const next = states.flatMap((state) => {
    const token = tokens[state]
    if (token === undefined) return []
    if ('literal' in token) return token.literal === character ? [state + 1] : []
    return token.barred.includes(character) ? [] : [state]
  })
  return closure(tokens, next)
}

/** Keeps the states that are reached whatever stands next, as long as it has none of some characters. */
export function absorb(tokens: readonly Token[], states: readonly number[], without: string): number[] {
  const stays = states.filter((state) => {
    const token = tokens[state]
    return token !== undefined && 'barred' in token && [...token.barred].every((c) => without.includes(c))
  })
  return closure(tokens, stays)
}

// A wildcard may stand for nothing, so whoever stands before one also stands behind it.
function closure(tokens: readonly Token[], states: readonly number[]): number[] {
  const reached = new Set<number>()
  for (const start of states) {
    for (let state = start; !reached.has(state); state++) {
      reached.add(state)
      const token = tokens[state]
      if (token === undefined || 'literal' in token) break
    }
  }
  return [...reached]
}
