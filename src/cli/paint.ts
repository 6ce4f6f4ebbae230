import { styleText } from 'node:util'
import type { TimelineLine } from '../audit/timeline-line.ts'
import type { Context } from './context.ts'

/** What a piece of text says, by which it is coloured. */
type Tone = 'title' | 'plain' | 'quiet' | 'good' | 'warn' | 'bad'

const STYLES = { title: 'bold', quiet: 'dim', good: 'green', warn: 'yellow', bad: 'red' } as const

/** Colours a text by what it says, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string

/** Makes the function that colours results: plain text where stdout is no terminal or `NO_COLOR` is set (no-color.org). */
export function painter({ stdout, env }: Context): Paint {
  const coloured = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  return (tone, text) =>
    tone === 'plain' || !coloured ? text : styleText(STYLES[tone], text, { validateStream: false })
}

/** Colours a line of a timeline and ends it; the number of its record stands behind it. */
export function paintedLine({ text, tone, record }: TimelineLine, paint: Paint): string {
  return `${paint(tone, text)}${record === undefined ? '' : paint('quiet', `  ${record}`)}\n`
}
