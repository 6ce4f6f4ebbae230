import { recordName } from '../../audit/timeline-line.ts'
import { durationInWords } from '../duration.ts'
import { type Line, span } from '../screens/line.ts'
import { fit } from '../screens/width.ts'
import type { Replayed, ReplayState } from './state.ts'
import { waitBehind } from './tick.ts'

/** Says whether it plays and how fast, where in the session one is, what the clock was, and how much of it is over. */
export function statusLines(state: ReplayState, replayed: Replayed, width: number): readonly Line[] {
  const { entries, isRead, recorded } = replayed
  const shownMs = clockOf(state, replayed)
  const time = inWords(shownMs)
  const how = `${state.playing ? 'playing' : 'paused'} ${state.speed}x`
  const reading = isRead ? '' : ` (read ${Math.floor(recorded.progress * 100)} %)`
  const record = recordName(entries.record(state.place))
  const where =
    entries.count === 0 ? 'no entry' : `${state.place + 1} of ${entries.count}, ${record}${reading}`
  const elapsed = elapsedOf(shownMs, replayed)
  const tone = state.playing ? 'good' : 'warn'
  const head = [span(how, tone), span(fit(`  ${where}`, width - how.length))]
  const room = width - head.reduce((sum, { text }) => sum + text.length, 0)
  if (width >= 60) return [[...head, span(fit(`  ${time.day} ${time.clock}  ${elapsed}`, room))]]
  return [head, [span(fit(`${time.clock}  ${elapsed}`, width))]]
}

// While one waits for the next entry, the clock runs, faster than it did where the gap is shortened.
function clockOf({ place, playing, speed, waitedMs }: ReplayState, replayed: Replayed): number {
  const { entries } = replayed
  const at = entries.at(place)
  const { gapMs, waitMs } = waitBehind(place, speed, replayed)
  return playing && waitMs > 0 ? at + gapMs * Math.min(1, waitedMs / waitMs) : at
}

function inWords(ms: number): { readonly day: string; readonly clock: string } {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return { day: '', clock: 'at no known time' }
  const [day = '', clock = ''] = date.toISOString().split('T')
  return { day, clock: `${clock.slice(0, 8)}Z` }
}

function elapsedOf(ms: number, { entries }: Replayed): string {
  const [start, end] = [entries.at(0), entries.at(entries.count - 1)]
  if (Number.isNaN(ms - start)) return ''
  return `${seconds(ms - start)} of ${seconds(end - start)}`
}

function seconds(ms: number): string {
  return durationInWords(Math.floor(ms / 1000) * 1000)
}
