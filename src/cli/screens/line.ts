/** What a piece of a line says, by which it is drawn: without colour the words say it too. */
export type Tone = 'plain' | 'title' | 'quiet' | 'good' | 'warn' | 'bad' | 'mark' | 'chosen'

/** A piece of a line. */
export interface Span {
  readonly text: string
  readonly tone: Tone
}

/** One line of the screen. */
export type Line = readonly Span[]

/** Makes a piece of a line. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone }
}
