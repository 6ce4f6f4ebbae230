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

/**
 * Moves a set of states over a text, one character at a time: linear in the text whatever the pattern, with nothing to
 * come back to. None is left where nothing matches any more.
 */
export function follow(tokens: readonly Token[], states: readonly number[], text: string): readonly number[] {
  let reached = states
  for (const character of text) {
    if (reached.length === 0) return []
    reached = closure(tokens, advance(tokens, reached, character))
  }
  return reached
}

/**
 * Keeps the states that are reached whatever stands next: anything at all, or anything `plain`, without the characters
 * at which a wildcard may end.
 */
export function absorb(tokens: readonly Token[], states: readonly number[], plain: boolean): number[] {
  const stays = states.filter((state) => {
    const token = tokens[state]
    return token !== undefined && 'barred' in token && (plain || token.barred === '')
  })
  return closure(tokens, stays)
}

function advance(tokens: readonly Token[], states: readonly number[], character: string): number[] {
  return states.flatMap((state) => {
    const token = tokens[state]
    if (token === undefined) return []
    if ('literal' in token) return token.literal === character ? [state + 1] : []
    return token.barred.includes(character) ? [] : [state]
  })
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
