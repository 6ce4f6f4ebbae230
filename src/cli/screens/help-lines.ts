import { type Line, span } from './line.ts'
import { wrapped } from './wrapped.ts'

const KEYS = [
  ['a', 'approve once; where the policy says so, a word of the call is typed'],
  ['d', 'deny, with a message to the model if you like'],
  ['e', 'edit the arguments in $VISUAL or $EDITOR, then approve (where the policy lets you)'],
  ['r', 'approve, and the same call again for a while (where the policy lets you)'],
  ['v', 'show all: nothing folded'],
  ['j k', 'down and up; arrows, space, Page keys, g and G too'],
  ['Return', 'opens a call; it never answers'],
  ['m', 'what is remembered; x there ends one'],
  ['Esc', 'back'],
  ['q', 'quit: what waits goes on waiting'],
] as const

const WORDS =
  'Text behind a bar comes from the model, the client or the server: it is shown whole, and what could deceive in it ' +
  'is written as a code such as \\u{202e}. A key answers only after the call was on the screen for 0.3 s of quiet; what is ' +
  'pasted or held down never does.'

const MARGIN = 8

/** Explains the keys, and what stands behind the bar. */
export function helpLines(width: number): readonly Line[] {
  const keys = KEYS.flatMap(([key, what]) =>
    wrapped([span(what)], width - MARGIN).map(
      (line, row): Line => [span((row === 0 ? key : '').padEnd(MARGIN), 'title'), ...line],
    ),
  )
  return [...keys, [], ...wrapped([span(WORDS, 'quiet')], width)]
}
