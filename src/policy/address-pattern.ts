import { checkAddress } from './address.ts'
import { begin, follow, type Token, tokensOf } from './address-tokens.ts'
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
  const prefix = text.slice(0, star)
  // Most patterns end in their only wildcard.
  if (text === `${prefix}**`) {
    return {
      pattern: { text, prefix, exact: false, all: false, matches: (uri) => uri.startsWith(prefix) },
      why: null,
    }
  }
  const tokens = addressTokens(text)
  const start = begin(tokens)
  const matches = (uri: string): boolean =>
    uri.startsWith(prefix) && follow(tokens, start, uri).includes(tokens.length)
  return { pattern: { text, prefix, exact: false, all: false, matches }, why: null }
}

/** Reads a pattern over addresses that `addressPattern` compiled. */
export function addressTokens(text: string): Token[] {
  const authority = authorityOf(text)
  return tokensOf(text, text.indexOf(authority) + authority.length)
}

/** Gives the part between `//` and the path, empty where an address has none. */
function authorityOf(text: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/u.exec(text)?.[1] ?? ''
}
