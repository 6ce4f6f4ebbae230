import { setImmediate as soon } from 'node:timers/promises'
import { RecordedSession } from '../../audit/recorded-session.ts'
import type { FoundLog } from '../find-log.ts'
import type { Context } from '../context.ts'
import type { Key } from '../screens/keys.ts'
import type { Line } from '../screens/line.ts'
import type { Display, FromTerminal } from '../screens/terminal-display.tsx'
import { detailLines, type Sight } from './detail-lines.ts'
import { press } from './press.ts'
import { found, type Hit } from './press-typing.ts'
import { replayLines, type Screen } from './replay-lines.ts'
import { type Effect, firstState, type Replayed, type ReplayState, type Search } from './state.ts'
import { tick } from './tick.ts'

const TICK_MS = 100
// A person does not notice that keys wait so long for a piece of the log to be read.
const PIECE_MS = 15
// How often a log without an end is looked at for more, and whoever writes it.
const LOOK_MS = 1000
// A machine that slept has not watched.
const MOST_MS = 1000

/** How a run of the screen ended. */
export type Outcome = { readonly kind: 'quit' } | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }

/** What the loop goes by besides the log. */
export interface ReplayParts {
  /** Tells whether the session is written still; what nobody can tell is not said: then no end is recorded. */
  readonly isRunning: () => boolean
  readonly openDisplay: (from: FromTerminal) => Display
}

/** The loop around the screen: it takes keys and time, reads the log meanwhile, and does what comes of them. */
export class ReplayLoop {
  readonly #found: FoundLog
  readonly #parts: ReplayParts
  readonly #context: Context
  readonly #recorded: RecordedSession
  readonly #display: Display
  readonly #ended = Promise.withResolvers<Outcome>()
  #state: ReplayState = firstState()
  #screen: Screen | null = null
  #isRead = false
  #isRunning = false
  #isOver = false
  #details: { readonly key: string; readonly lines: readonly Line[] } | null = null

  constructor(session: FoundLog, parts: ReplayParts, context: Context) {
    this.#found = session
    this.#parts = parts
    this.#context = context
    this.#recorded = new RecordedSession(session.path)
    this.#display = parts.openDisplay({
      onKeys: (keys) => this.#guarded(() => keys.forEach((key) => this.#press(key))),
      onResize: () => this.#guarded(() => this.#draw()),
      onGone: () => this.#end({ kind: 'quit' }),
    })
  }

  /** Shows the screen until the person leaves it. Throws what the file system throws. */
  async run(): Promise<Outcome> {
    let last = performance.now()
    const pass = () => {
      const now = performance.now()
      this.#pass(Math.min(MOST_MS, now - last))
      last = now
    }
    const ticks = setInterval(() => this.#guarded(pass), TICK_MS)
    const looks = setInterval(() => this.#guarded(() => this.#look()), LOOK_MS)
    this.#context.onSignal((signal) => this.#end({ kind: 'signal', signal }))
    this.#readOn().catch((failure: unknown) => this.#fail(failure))
    try {
      return await this.#ended.promise
    } finally {
      clearInterval(ticks)
      clearInterval(looks)
      await this.#display.leave()
      this.#recorded.close()
    }
  }

  // A fault ends the run by the way that gives the terminal back.
  #guarded(work: () => void): void {
    if (this.#isOver) return
    try {
      work()
    } catch (failure) {
      this.#fail(failure)
    }
  }

  #fail(failure: unknown): void {
    this.#isOver = true
    this.#ended.reject(failure)
  }

  #end(outcome: Outcome): void {
    this.#isOver = true
    this.#ended.resolve(outcome)
  }

  // The beginning is on the screen while the rest of a long log is read.
  async #readOn(): Promise<void> {
    while (!this.#isOver && !this.#readPiece()) {
      if (this.#screen === null) this.#draw()
      await soon()
    }
    if (this.#isOver) return
    this.#isRead = true
    this.#look()
    this.#draw()
    this.#display.tell(`hoopctl: session ${this.#found.number}`, false)
  }

  #readPiece(): boolean {
    const until = performance.now() + PIECE_MS
    return this.#recorded.readOn(() => performance.now() > until)
  }

  // Of a log that has no end, more may have come.
  #look(): void {
    const { entries } = this.#recorded
    if (!this.#isRead || entries.hasEnded) return
    const [count, isRunning] = [entries.count, this.#isRunning]
    this.#isRunning = this.#parts.isRunning()
    this.#readPiece()
    if (entries.count !== count || this.#isRunning !== isRunning) this.#draw()
  }

  #pass(ms: number): void {
    const before = this.#state
    this.#state = tick(before, ms, this.#replayed())
    // What is read aloud begins anew with each drawing, so it is drawn for what is new only.
    const isNew = this.#display.isReader
      ? this.#state.place !== before.place || this.#state.playing !== before.playing
      : this.#state !== before || !this.#isRead
    if (isNew) this.#draw()
  }

  #press(key: Key): void {
    const { lastScroll = 0, page: lines = 1 } = this.#screen ?? {}
    const { state, effect } = press(this.#state, key, this.#replayed(), { lastScroll, lines })
    this.#state = state
    this.#draw()
    if (effect !== null) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'leave')
      return this.#end(effect.why === 'quit' ? { kind: 'quit' } : { kind: 'signal', signal: 'SIGINT' })
    this.#find(effect.search, effect.from).catch((failure: unknown) => this.#fail(failure))
  }

  async #find(search: Search, from: number): Promise<void> {
    const lower = search.text.toLowerCase()
    const isWanted = () => !this.#isOver && this.#state.searching && this.#state.search === search
    let place = from + search.by
    for (;;) {
      const until = performance.now() + PIECE_MS
      while (this.#isThere(place) && performance.now() < until) {
        const where = this.#recorded.whereIn(place, lower)
        if (where !== null) return this.#tellFound({ place, where })
        place += search.by
      }
      if (!isWanted()) return
      if (!this.#isThere(place) && (place < 0 || this.#isRead)) return this.#tellFound(null)
      await soon()
      if (!isWanted()) return
    }
  }

  #isThere(place: number): boolean {
    return place >= 0 && place < this.#recorded.entries.count
  }

  #tellFound(hit: Hit | null): void {
    this.#state = found(this.#state, hit)
    this.#draw()
  }

  #replayed(): Replayed {
    const { entries } = this.#recorded
    const end = entries.hasEnded ? 'ended' : this.#isRunning ? 'runs' : 'unknown'
    const { number, isOwn } = this.#found
    const verify = isOwn ? `hoopctl sessions verify ${number}` : 'hoopctl sessions verify'
    return { number, verify, recorded: this.#recorded, entries, isRead: this.#isRead, end }
  }

  #draw(): void {
    if (this.#isOver) return
    const replayed = this.#replayed()
    const details = (place: number, sight: Sight) => this.#detailsOf(place, sight, replayed)
    const around = { ...this.#display.size(), isReader: this.#display.isReader, details }
    this.#screen = replayLines(this.#state, replayed, around)
    this.#display.draw(this.#screen.lines).catch((failure: unknown) => this.#fail(failure))
  }

  // A megabyte takes a while to lay out, and each key would do it anew.
  #detailsOf(place: number, sight: Sight, replayed: Replayed): readonly Line[] {
    const key = [place, sight.width, sight.all, ...replayed.entries.exchangeOf(place)].join(' ')
    if (this.#details?.key !== key) this.#details = { key, lines: detailLines(place, replayed, sight) }
    return this.#details.lines
  }
}
