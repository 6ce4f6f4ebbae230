import { addressTokens } from './address-pattern.ts'
import { absorb, advance, begin } from './address-tokens.ts'
import type { Pattern } from './name-pattern.ts'

const EXPRESSION = /\{([^{}]*)\}/u
// No operator in front, no list, no modifier behind: all but unreserved characters is encoded (RFC 6570, section 3.2.2).
const SIMPLE = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u
const ENCODED = '/?#@:'

/**
 * Says, without ever claiming too much, whether a pattern over addresses matches every address that a template (RFC
 * 6570) expands to: a simple `{name}` stays within what `*` matches, any other expression may become anything.
 */
export function coversTemplate(pattern: Pattern, uriTemplate: string): boolean {
  if (pattern.all) return true
  const tokens = addressTokens(pattern.text)
  let states = begin(tokens)
  for (const piece of piecesOf(uriTemplate)) {
    if ('expression' in piece) states = absorb(tokens, states, SIMPLE.test(piece.expression) ? ENCODED : '')
    else for (const character of piece.literal) states = advance(tokens, states, character)
    if (states.length === 0) return false
  }
  return states.includes(tokens.length)
}

type Piece = { readonly literal: string } | { readonly expression: string }

function piecesOf(uriTemplate: string): Piece[] {
  // Every second one is what the group found.
  return uriTemplate.split(EXPRESSION).map((piece, index): Piece => {
    if (index % 2 === 1) return { expression: piece }
    // A brace that is left over begins or ends nothing: nobody knows what a server makes of it.
    return /[{}]/u.test(piece) ? { expression: '' } : { literal: piece }
  })
}
