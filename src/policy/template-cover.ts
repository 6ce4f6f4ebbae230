import { addressTokens } from './address-pattern.ts'
import { absorb, begin, follow } from './address-tokens.ts'
import type { Pattern } from './name-pattern.ts'

const EXPRESSION = /\{([^{}]*)\}/u
// No operator in front, no list, no modifier behind. All that means something in an address is then encoded: no `/`, no
// `?`, and in a host no `@` and no `:` (RFC 6570, section 3.2.2).
const SIMPLE = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u

/**
 * Says, without ever claiming too much, whether a pattern over addresses matches every address that a template (RFC
 * 6570) expands to: a simple `{name}` stays within what `*` matches, any other expression may become anything.
 */
export function coversTemplate(pattern: Pattern, uriTemplate: string): boolean {
  if (pattern.all) return true
  const tokens = addressTokens(pattern.text)
  let states: readonly number[] = begin(tokens)
  for (const piece of piecesOf(uriTemplate)) {
    states =
      'literal' in piece
        ? follow(tokens, states, piece.literal)
        : absorb(tokens, states, SIMPLE.test(piece.expression))
    if (states.length === 0) return false
  }
  return states.includes(tokens.length)
}

type Piece = { readonly literal: string } | { readonly expression: string }

function piecesOf(uriTemplate: string): Piece[] {
  // Every second one is what the group found.
  return uriTemplate.split(EXPRESSION).flatMap((piece, index): Piece[] => {
    if (index % 2 === 1) return [{ expression: piece }]
    const brace = piece.search(/[{}]/u)
    // A brace that is left over begins or ends nothing: nobody knows what a server makes of it and what follows.
    return brace === -1 ? [{ literal: piece }] : [{ literal: piece.slice(0, brace) }, { expression: '' }]
  })
}
