import { counted } from '../counted.ts'
import { callLines } from './call-lines.ts'
import { editLines } from './edit-lines.ts'
import { footLines } from './foot-lines.ts'
import { moreLine, rule } from './frame-lines.ts'
import { helpLines } from './help-lines.ts'
import { type Line, span } from './line.ts'
import { listLines } from './list-lines.ts'
import { rememberedLines } from './remembered-lines.ts'
import { callInFocus, editInView, type ScreenState } from './state.ts'
import { fit, widthOf } from './width.ts'
import { wrapped } from './wrapped.ts'

/** How large the terminal is, and what time it is. */
export interface Surroundings {
  readonly columns: number
  readonly rows: number
  readonly now: Date
  /** Under which policy answers are given, in our words. */
  readonly under: string
  /** Whose calls are looked for, and where. */
  readonly whose: string
  /** Is the screen read aloud? Then it has all lines, and nothing that only makes a picture. */
  readonly isReader: boolean
  /** Do the keys that answer count already? */
  readonly keysCount: boolean
}

/** The lines of the screen, and how far the part that scrolls goes. */
export interface Screen {
  readonly lines: readonly Line[]
  readonly lastScroll: number
  /** How many lines a page has. */
  readonly page: number
  /** Is there room to see what is answered? */
  readonly readable: boolean
}

const SMALLEST = { columns: 30, rows: 8 }
const READABLE = { columns: 40, rows: 12 }

/** Lays out the whole screen: what waits, the call in focus, and which keys answer it. It never has more lines than the terminal. */
export function screenLines(state: ScreenState, around: Surroundings): Screen {
  const width = Math.max(SMALLEST.columns, around.columns)
  const rows = Math.max(SMALLEST.rows, around.rows)
  const top = [title(state, around, width), ...list(state, { ...around, columns: width, rows }), rule(width)]
  const foot = footLines(state, { width, rows, keysCount: around.keysCount })
  if (around.isReader) return readAloud(state, around, foot)
  const page = Math.max(1, rows - top.length - foot.length - 1)
  const lines = middle(state, { ...around, width })
  const lastScroll = Math.max(0, lines.length - page)
  const scroll = Math.min(state.scroll, lastScroll)
  const shown = lines.slice(scroll, scroll + page)
  const blank = Array.from({ length: page - shown.length }, (): Line => [])
  const keys = state.view === 'list' ? 'space, g' : 'j, k, space'
  const more = moreLine(scroll, lines.length - scroll - shown.length, width, keys)
  const readable = around.columns >= READABLE.columns && around.rows >= READABLE.rows
  return { lines: [...top, ...shown, ...blank, more, ...foot], lastScroll, page, readable }
}

function readAloud(state: ScreenState, around: Surroundings, foot: readonly Line[]): Screen {
  const width = Math.max(SMALLEST.columns, around.columns)
  const calls = list(state, { ...around, columns: width, rows: 4 * Math.max(2, state.calls.length) })
  const lines = middle(state, { ...around, width })
  return {
    lines: [title(state, around, width), ...calls, ...lines, ...foot],
    lastScroll: 0,
    page: 1,
    readable: true,
  }
}

function title({ calls, remembered }: ScreenState, { under }: Surroundings, width: number): Line {
  const waits = calls.length === 1 ? '1 call waits' : `${counted(calls.length, 'call')} wait`
  const kept = remembered.length === 0 ? '' : `, ${remembered.length} remembered (m)`
  const left = fit(`hoopctl approve: ${waits}${kept}`, width)
  const room = width - widthOf(left) - 2
  const right = widthOf(under) <= room ? under : ''
  return [span(left, 'title'), span(' '.repeat(width - widthOf(left) - widthOf(right))), span(right, 'quiet')]
}

function list(state: ScreenState, { columns, rows, now }: Surroundings): readonly Line[] {
  if (state.view !== 'list') return []
  return listLines(state.calls, state.selected, {
    width: columns,
    rows: Math.max(2, Math.floor(rows / 4)),
    now,
  })
}

interface Middle extends Pick<Surroundings, 'now' | 'whose'> {
  readonly width: number
}

function middle(state: ScreenState, { width, now, whose }: Middle): readonly Line[] {
  if (state.view === 'help') return helpLines(width)
  if (state.view === 'remembered') return rememberedLines(state, width, now)
  const examined = callInFocus(state)
  if (examined === null) return nothing(width, whose)
  const edit = editInView(state)
  if (edit !== null) return editLines(edit, examined, width, now)
  return callLines(examined, { width, all: state.all, now })
}

function nothing(width: number, whose: string): readonly Line[] {
  const lines = ['No call waits for an answer.', 'This screen shows each one as it comes; q ends it.', whose]
  return lines.flatMap((line) => wrapped([span(line, 'quiet')], width))
}
