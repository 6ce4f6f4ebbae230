import { type Line, span } from '../screens/line.ts'
import { wrapped } from '../screens/wrapped.ts'
import { LONGEST_WAIT_MS } from './tick.ts'

const KEYS = [
  ['space', 'play and pause'],
  ['+ -', 'faster and slower: 1x is as fast as it was, then 2x, 4x, 10x, 60x'],
  ['l h', 'one entry forward and back; the arrows right and left too'],
  ['j k', 'the same, and page keys; in the details, down and up'],
  ['d D', 'to the next denial, to the one before'],
  ['a A', 'to the next approval, to the one before'],
  ['g G', 'to the start, to the end'],
  ['/', 'looks for a text, in whatever case, in all that is told, in arguments and results'],
  ['n N', 'to the next entry that has it, to the one before'],
  ['Return', 'the details of the entry: who it was, arguments, result'],
  ['v', 'the records themselves, whole, as they stand in the log'],
  ['Esc', 'back; ends a search'],
  ['q', 'leaves'],
] as const

const WORDS = [
  `Nobody waits longer than ${LONGEST_WAIT_MS / 1000}s for an entry: a longer gap is shortened, and the screen says so.`,
  'In the bar, x is a denial and a an approval.',
  'Text behind a bar comes from the log, and that from a model, a client or a server: what could deceive in it is written as ' +
    'a code such as \\u{202e}. The log is shown as it stands: only `hoopctl sessions verify` tells whether to believe it.',
]

const MARGIN = 8

/** Explains the keys, and what is seen. */
export function helpLines(width: number): readonly Line[] {
  const keys = KEYS.flatMap(([key, what]) =>
    wrapped([span(what)], width - MARGIN).map(
      (line, row): Line => [span((row === 0 ? key : '').padEnd(MARGIN), 'title'), ...line],
    ),
  )
  return [...keys, ...WORDS.flatMap((text) => [[], ...wrapped([span(text, 'quiet')], width)])]
}
