import type { Examined } from '../approvals/examine.ts'
import { foreignText } from './foreign-text.ts'
import { type Line, span } from './line.ts'
import { age, leftMs, shortTime } from './time-left.ts'
import { column, fit } from './width.ts'

/** How the list is shown: so wide, so many rows, at this time. */
export interface ListRoom {
  readonly width: number
  readonly rows: number
  readonly now: Date
}

/** Lays out the waiting calls, a row each, around the one in focus. Says how many there is no room for. */
export function listLines(
  calls: readonly Examined[],
  selected: string | null,
  { width, rows, now }: ListRoom,
): readonly Line[] {
  const place = Math.max(
    0,
    calls.findIndex(({ entry }) => entry.question.challenge === selected),
  )
  if (calls.length <= rows) return calls.map((one, index) => row(one, index === place, width, now))
  const shown = Math.max(1, rows - 1)
  const first = Math.max(0, Math.min(place - Math.floor(shown / 2), calls.length - shown))
  const lines = calls
    .slice(first, first + shown)
    .map((one, index) => row(one, first + index === place, width, now))
  const [above, below] = [first, calls.length - first - shown]
  const more = [above > 0 ? `${above} above` : '', below > 0 ? `${below} below` : ''].filter(
    (one) => one !== '',
  )
  return [...lines, [span(fit(`  … ${more.join(', ')}: j and k go there`, width), 'quiet')]]
}

// The id and the time are ours; behind the bar stands what others wrote.
function row(examined: Examined, isChosen: boolean, width: number, now: Date): Line {
  const { entry, what, risk, offer } = examined
  const { question, state } = entry
  const left = shortTime(leftMs(entry, now))
  const head = `${isChosen ? '>' : ' '} ${question.approval} ${column(`${left}${state === 'queued' ? ' q' : ''}`, 6)}│ `
  const room = Math.max(0, width - head.length)
  const said = entry.answers.length > 0 ? 'answered' : risk
  const flag = offer.kind === 'deny-only' ? 'refused' : (said ?? '')
  const text = rest(
    [foreignText(what), foreignText(question.server.name ?? question.label)],
    examined,
    room,
    now,
  )
  const isNarrow = room < 30
  const body = isNarrow ? fit(foreignText(what), room) : `${column(text, room - 10)}  ${column(flag, 8)}`
  const tone = isChosen ? 'chosen' : 'plain'
  return [span(head, tone), span(body, tone)]
}

function rest(
  [what, server]: readonly [string, string],
  { entry }: Examined,
  room: number,
  now: Date,
): string {
  const { question } = entry
  const { email, sub } = question.claims.subject
  if (room < 50) return `${column(what, room - 10)}`
  const who = foreignText(email ?? sub)
  const left = room - 24 // beside the age, the flag and what is between
  const [ofServer, ofWho] = [Math.floor(left / 4), Math.floor((left * 2) / 5)]
  const cells = [column(what, left - ofServer - ofWho), column(server, ofServer), column(who, ofWho)]
  return [...cells, column(age(question, now), 8)].join('  ')
}
