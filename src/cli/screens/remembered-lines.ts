import { durationInWords } from '../duration.ts'
import { foreignText } from './foreign-text.ts'
import { type Line, span } from './line.ts'
import type { ScreenState } from './state.ts'
import { fit } from './width.ts'

/** Lists the answers that still cover their call, a row each, and how each ends by itself. */
export function rememberedLines({ remembered, row }: ScreenState, width: number, now: Date): readonly Line[] {
  if (remembered.length === 0) return [[span(fit('No answer is remembered.', width), 'quiet')]]
  return remembered.map(({ approval, label, what, left, until }, index) => {
    const time = durationInWords(until.getTime() - now.getTime())
    const head = `${index === row ? '>' : ' '} ${approval} ${left}x, ${time} │ `
    const text = fit(`${foreignText(what)} on ${foreignText(label)}`, width - head.length)
    return [span(head + text, index === row ? 'chosen' : 'plain')]
  })
}
