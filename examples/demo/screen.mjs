// @ts-check
import { styleText } from 'node:util'

const WIDTH = 78
const coloured =
  process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb'

/**
 * Colours a text, unless stdout is no terminal or NO_COLOR is set.
 * @param {'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'} style
 * @param {string} text
 */
export function paint(style, text) {
  return coloured ? styleText(style, text, { validateStream: false }) : text
}

/** @param {string} line */
export function print(line = '') {
  process.stdout.write(`${line}\n`)
}

/** @param {string} text */
export function title(text) {
  print()
  print(paint('bold', text))
  print()
}

/**
 * Prints a text broken at spaces, so that it fits 80 columns. The first line begins with `first`, the others with as
 * many spaces.
 * @param {string} first
 * @param {string} text
 * @param {(line: string) => string} [style]
 */
export function paragraph(first, text, style = (line) => line) {
  const indent = ' '.repeat(first.length)
  let start = first
  for (const line of broken(text, WIDTH - first.length)) {
    print(start + style(line))
    start = indent
  }
}

/**
 * Prints what somebody types. Words that are long digests are cut.
 * @param {readonly string[]} words
 */
export function command(words) {
  const typed = words.map((word) => (/^[0-9a-f]{64}$/.test(word) ? `${word.slice(0, 8)}…` : quoted(word)))
  // An option and its value stay together.
  const text = `hoopctl ${typed.join(' ')}`.replaceAll(/(?<= --\S+) (?!--)/g, '\u00A0')
  const lines = broken(text, WIDTH - 6).join(' \\\n      ')
  print(paint('cyan', `  $ ${lines.replaceAll('\u00A0', ' ')}`))
}

/**
 * Prints what a command printed. What a line begins with stays in its column: `  server      ` before a long
 * path, `16:02:33.278 grants      ` before what became of them.
 * @param {string} text
 */
export function printOutput(text) {
  for (const line of text.trimEnd().split('\n')) {
    const [first = ''] = /^ *(?:[\d:.]+ )?(?:\S+ {2,})?/.exec(line) ?? []
    paragraph(`  ${first}`, line.slice(first.length))
  }
}

/** @param {string} word */
function quoted(word) {
  return /\s/.test(word) ? `"${word}"` : word
}

/**
 * Cuts a text to what fits behind `used` columns.
 * @param {string} text
 * @param {number} used
 */
export function oneLine(text, used) {
  const [line = '', ...others] = text.split('\n')
  const room = WIDTH - used
  return line.length > room || others.length > 0 ? `${line.slice(0, room - 2)} …` : line
}

/**
 * @param {string} text
 * @param {number} width
 */
function broken(text, width) {
  /** @type {string[]} */
  const lines = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
