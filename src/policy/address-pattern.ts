import { checkAddress } from './address.ts'
import type { Pattern } from './name-pattern.ts'

type Compiled =
  | { readonly pattern: Pattern; readonly why: null }
  | { readonly pattern: null; readonly why: string }

/**
 * Compiles a pattern over resource addresses: `*` stays within a path segment (in the host it also never crosses
 * `@`, `:`), `**` crosses, a lone `*` is all. A pattern must itself be in normal form and begin with its scheme.
 */
export function addressPattern(text: string): Compiled {
  if (text === '*' || text === '**') {
    return { pattern: { text, prefix: '', exact: false, all: true, matches: () => true }, why: null }
  }
  const address = checkAddress(text)
  if (!address.ok) return { pattern: null, why: address.why }
  const authority = authorityOf(text)
  // `https://**.example.com/` would also be found in `https://evil.example/.example.com/`.
  if (authority.includes('**') && !text.endsWith(`//${authority}`)) {
    return { pattern: null, why: '`**` in the host crosses slashes: write `*`' }
  }
  const star = text.indexOf('*')
  if (star === -1) {
    return {
      pattern: { text, prefix: text, exact: true, all: false, matches: (uri) => uri === text },
      why: null,
    }
  }
  const tokens = tokensOf(text)
  const prefix = text.slice(0, star)
  // Most patterns end in their only wildcard.
  if (text === `${prefix}**`) {
    return {
      pattern: { text, prefix, exact: false, all: false, matches: (uri) => uri.startsWith(prefix) },
      why: null,
    }
  }
  const matches = (uri: string): boolean => uri.startsWith(prefix) && run(tokens, uri)
  return { pattern: { text, prefix, exact: false, all: false, matches }, why: null }
}

/** Gives the part between `//` and the path, empty where an address has none. */
function authorityOf(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/u.exec(text)?.[1] ?? ''
}

type Token = { readonly literal: string } | { readonly barred: string }

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const pathStart = text.indexOf(authorityOf(text)) + authorityOf(text).length
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

// A set of states, moved one character at a time: linear in the address whatever the pattern, with nothing to come back to.
function run(tokens: readonly Token[], uri: string): boolean {
  let states = closure(tokens, [0])
  for (const character of uri) {
    const next = states.flatMap((state) => {
      const token = tokens[state]
      if (token === undefined) return []
      if ('literal' in token) return token.literal === character ? [state + 1] : []
      return token.barred.includes(character) ? [] : [state]
    })
    if (next.length === 0) return false
    states = closure(tokens, next)
  }
  return states.includes(tokens.length)
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
