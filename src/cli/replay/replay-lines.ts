import { counted } from '../counted.ts'
import { foreignText } from '../screens/foreign-text.ts'
import { moreLine, packed, rule, ruleWith } from '../screens/frame-lines.ts'
import { type Line, span } from '../screens/line.ts'
import type { Notice } from '../screens/state.ts'
import { fit, widthOf } from '../screens/width.ts'
import { wrapped } from '../screens/wrapped.ts'
import { helpLines } from './help-lines.ts'
import { highlighted } from './highlight.ts'
import { progressBar } from './progress-bar.ts'
import type { Replayed, ReplayState } from './state.ts'
import { statusLines } from './status-lines.ts'
import { shortenedInWords, waitBehind } from './tick.ts'
import { timelineLines } from './timeline-lines.ts'

/** How large the terminal is, and how the details are laid out. */
export interface Surroundings {
  readonly columns: number
  readonly rows: number
  /** Is the screen read aloud? Then it has all lines, and nothing that only makes a picture. */
  readonly isReader: boolean
  readonly details: (
    place: number,
    sight: { readonly width: number; readonly all: boolean },
  ) => readonly Line[]
}

/** The lines of the screen, how far the part that scrolls goes, and how many lines a page of it has. */
export interface Screen {
  readonly lines: readonly Line[]
  readonly lastScroll: number
  readonly page: number
}

const NARROW = 60
const SMALLEST = { columns: 30, rows: 10 }

/** Lays out the whole screen. It never has more lines than the terminal. */
export function replayLines(state: ReplayState, replayed: Replayed, around: Surroundings): Screen {
  const width = Math.max(SMALLEST.columns, around.columns)
  const rows = Math.max(SMALLEST.rows, around.rows)
  const bar = around.isReader ? [] : [progressBar(state.place, replayed.entries, width)]
  const top = [
    title(replayed, width),
    ...brokenLines(replayed, width),
    ...statusLines(state, replayed, width),
    ...bar,
  ]
  const foot = footLines(state, width)
  if (around.isReader) return readAloud(state, replayed, around, { top, foot })
  const page = Math.max(1, rows - top.length - foot.length - 1)
  const notice = noticeOf(state, replayed)
  const marked = (line: Line) => (state.search === null ? line : highlighted(line, state.search.text))
  if (state.view === 'timeline') {
    const shown = timelineLines(state.place, replayed, width, page).map(marked)
    const said = notice === null ? rule(width) : ruleWith(notice.text, notice.tone, width)
    return {
      lines: [...top, ...filled(shown, page), said, ...foot],
      lastScroll: 0,
      page: pageOf(replayed, state),
    }
  }
  const lines = middle(state, around, width)
  const lastScroll = Math.max(0, lines.length - page)
  const scroll = Math.min(state.scroll, lastScroll)
  const shown = lines.slice(scroll, scroll + page).map(marked)
  const ways = width < NARROW ? 'j, k' : 'j, k, g, G'
  const more = moreLine(scroll, lines.length - scroll - shown.length, width, ways)
  const said = notice === null ? more : ruleWith(notice.text, notice.tone, width)
  return { lines: [...top, ...filled(shown, page), said, ...foot], lastScroll, page }
}

// In the timeline, the page keys go over so many entries.
const ENTRIES_OF_A_PAGE = 10

function pageOf({ entries }: Replayed, { place }: ReplayState): number {
  return Math.max(1, Math.min(ENTRIES_OF_A_PAGE, Math.max(place, entries.count - place)))
}

function filled(lines: readonly Line[], page: number): readonly Line[] {
  return [...lines, ...Array.from({ length: page - lines.length }, (): Line => [])]
}

function middle(
  { view, place, all }: ReplayState,
  { details }: Surroundings,
  width: number,
): readonly Line[] {
  return view === 'help' ? helpLines(width) : details(place, { width, all })
}

function readAloud(
  state: ReplayState,
  replayed: Replayed,
  around: Surroundings,
  { top, foot }: { readonly top: readonly Line[]; readonly foot: readonly Line[] },
): Screen {
  const width = Math.max(SMALLEST.columns, around.columns)
  const notice = noticeOf(state, replayed)
  const said = notice === null ? [] : wrapped([span(notice.text)], width)
  const lines =
    state.view === 'timeline'
      ? timelineLines(state.place, replayed, width, around.rows)
      : middle(state, around, width)
  return { lines: [...top, ...lines, ...said, ...foot], lastScroll: 0, page: 1 }
}

function title({ number, verify, entries }: Replayed, width: number): Line {
  const server = entries.server === null ? '' : `, ${fit(foreignText(entries.server), 40)}`
  const name = `session ${number}${server}`
  const left = fit(width < NARROW ? name : `hoopctl replay: ${name}`, width < NARROW ? width - 14 : width)
  const room = width - widthOf(left) - 2
  const says = [`not verified: ${verify}`, 'not verified']
  const right = says.find((text) => text.length <= room) ?? ''
  return [span(left, 'title'), span(' '.repeat(width - widthOf(left) - widthOf(right))), span(right, 'quiet')]
}

// The same for a log that somebody has changed and for one that a disk has damaged: neither is to be trusted.
function brokenLines({ verify, entries: { broken } }: Replayed, width: number): readonly Line[] {
  if (broken === 0) return []
  const lines = counted(broken, 'broken line')
  const text =
    width < NARROW ? `! ${lines}: ${verify}` : `! ${lines} in the log: ${verify} tells whether to believe it`
  return wrapped([span(text, 'bad')], width).slice(0, 2)
}

function noticeOf(state: ReplayState, replayed: Replayed): Notice | null {
  const { searching, search, playing, place, speed } = state
  if (searching && search !== null)
    return { tone: 'warn', text: `looking for \`${foreignText(search.text)}\`: Esc ends it` }
  const wait = waitBehind(place, speed, replayed)
  if (playing && wait.isShortened && place < replayed.entries.count - 1)
    return { tone: 'warn', text: shortenedInWords(wait, 'is') }
  return state.notice
}

function footLines(state: ReplayState, width: number): readonly Line[] {
  if (state.typing !== null) {
    // The end of what is typed is what the person looks at.
    const text = foreignText(state.typing).slice(-Math.max(4, width - 3))
    const hint = packed(['Return looks for it', 'Esc does not'], width)
    return [[span('/', 'title'), span(text), span('_', 'chosen')], ...hint.slice(0, 1)]
  }
  return packed(keys(state, width < NARROW), width).slice(0, 2)
}

function keys({ view, playing, all, search }: ReplayState, isNarrow: boolean): readonly string[] {
  if (view === 'help') return ['j k scroll', 'Esc back', 'q quit']
  const play = playing ? 'space pause' : 'space play'
  if (view === 'details') {
    const whole = all ? 'v less' : 'v records'
    return isNarrow
      ? ['j k scroll', 'l h step', whole, 'Esc back', '? help', 'q quit']
      : [
          'j k scroll',
          'l h step',
          whole,
          'd D denial',
          'a A approval',
          'n N found',
          'Esc back',
          '? help',
          'q quit',
        ]
  }
  return isNarrow
    ? [play, 'j k', 'd a', search === null ? '/' : '/ n N', 'Return', '? help']
    : [
        play,
        '+ - speed',
        'j k step',
        'd D denial',
        'a A approval',
        '/ search',
        ...(search === null ? [] : ['n N found']),
        'Return details',
        '? help',
        'q quit',
      ]
}
