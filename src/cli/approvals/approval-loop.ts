import { HoopctlError } from '../../errors.ts'
import type { Context } from '../context.ts'
import { visible } from '../../visible.ts'
import { foreignText } from '../screens/foreign-text.ts'
import { fit } from '../screens/width.ts'
import { goOn } from '../screens/go-on.ts'
import type { Key } from '../screens/keys.ts'
import { press } from '../screens/press.ts'
import { untilKeysCount } from '../screens/settling.ts'
import { type Screen, screenLines } from '../screens/screen-lines.ts'
import {
  editInView,
  type Effect,
  firstState,
  type Next,
  type Notice,
  onScreen,
  type Only,
  type ScreenState,
} from '../screens/state.ts'
import { takeNews } from '../screens/take-news.ts'
import type { Display, FromTerminal } from '../screens/terminal-display.tsx'
import type { ApproveParts, Outcome } from './approve-parts.ts'
import { CallEditor } from './call-editor.ts'
import type { Examined } from './examine.ts'
import { ExaminedCalls } from './examined-calls.ts'
import {
  type Approval,
  comesAgain,
  giveApproval,
  giveDenial,
  needsTerminal,
  type Taken,
} from './give-answer.ts'
import { approvalOver } from './approval-over.ts'
import { underWords } from './under-words.ts'

const TICK_MS = 1000

/** The loop around the screen: it takes keys, news and time, and does what comes of them, one thing after the other. */
export class ApprovalLoop {
  readonly #parts: ApproveParts
  readonly #context: Context
  readonly #display: Display
  readonly #calls: ExaminedCalls
  readonly #editor = new CallEditor()
  readonly #ended = Promise.withResolvers<Outcome>()
  #state: ScreenState
  #screen: Screen | null = null
  #isBusy = false
  #isOver = false
  /** Draws the keys once they count. */
  #untilKeys: NodeJS.Timeout | undefined
  /** The questions that were told of; null: none yet. */
  #told: ReadonlySet<string> | null = null

  constructor(
    only: Only | null,
    parts: ApproveParts,
    context: Context,
    openDisplay: (from: FromTerminal) => Display,
  ) {
    this.#parts = parts
    this.#context = context
    this.#state = firstState(only)
    this.#calls = new ExaminedCalls(parts)
    this.#display = openDisplay({
      onKeys: (keys) => this.#guarded(() => keys.forEach((key) => this.#press(key))),
      onResize: () => this.#guarded(() => this.#draw()),
      onGone: () => this.#end({ kind: 'quit' }),
    })
  }

  /** Shows the screen until the person leaves it, or the one call that it is for is answered or over. */
  async run(): Promise<Outcome> {
    const look = () => this.#guarded(() => this.#refresh())
    const stop = this.#parts.inbox.onChange(look)
    // What is read aloud would begin anew each second.
    const tick = this.#display.isReader ? null : setInterval(look, TICK_MS)
    look()
    this.#context.onSignal((signal) => this.#end({ kind: 'interrupt', signal }))
    try {
      return await this.#ended.promise
    } finally {
      if (tick !== null) clearInterval(tick)
      clearTimeout(this.#untilKeys)
      stop()
      await this.#display.leave()
    }
  }

  // A fault ends the run by the way that gives the terminal back.
  #guarded(work: () => void): void {
    try {
      work()
    } catch (failure) {
      this.#isOver = true
      this.#ended.reject(failure)
    }
  }

  #press(key: Key): void {
    if (this.#isBusy || this.#isOver) return
    const { lastScroll = 0, page: lines = 1, readable = false } = this.#screen ?? {}
    const page = { lastScroll, lines, readable }
    this.#take(press(this.#state, key, performance.now(), page))
  }

  #refresh(): void {
    if (this.#isBusy || this.#isOver) return // an answer is on its way: what comes of it is told first
    const { inbox } = this.#parts
    const calls = this.#calls.now(this.#context.now())
    const news = { calls, remembered: inbox.remembered(), ended: (id: string) => inbox.ended(id) }
    this.#take(takeNews(this.#state, news))
    this.#tellTitle(calls)
  }

  #take({ state, effect }: Next): void {
    this.#state = state
    // What waits for an answer waits for nothing else: the screen is drawn once it was given.
    if (effect === null) this.#draw()
    else void this.#perform(effect)
  }

  #draw(): void {
    if (this.#isOver || this.#isBusy) return
    const now = this.#context.now()
    const around = {
      ...this.#display.size(),
      now,
      under: underWords(this.#parts.own()),
      whose: this.#parts.whose,
      isReader: this.#display.isReader,
      // What is read aloud would begin anew once they do.
      keysCount: this.#display.isReader || untilKeysCount(this.#state, performance.now()) === 0,
    }
    this.#screen = screenLines(this.#state, around)
    const shown = this.#state
    const seen = () => this.#onScreen(shown, around.keysCount)
    this.#display.draw(this.#screen.lines).then(seen, (failure: unknown) => this.#ended.reject(failure))
  }

  #onScreen(shown: ScreenState, keysCount: boolean): void {
    const nowMs = performance.now()
    this.#state = onScreen(this.#state, shown, nowMs)
    clearTimeout(this.#untilKeys)
    const waitMs = untilKeysCount(this.#state, nowMs)
    if (keysCount || this.#isOver || !Number.isFinite(waitMs)) return
    this.#untilKeys = setTimeout(() => this.#guarded(() => this.#draw()), Math.ceil(waitMs))
  }

  // Rings for what came while the screen was there; what waited before, the person came for.
  #tellTitle(calls: readonly Examined[]): void {
    const asked = calls.map(({ entry }) => entry.question.challenge)
    const told = this.#told
    const isNew = told !== null && asked.some((one) => !told.has(one))
    this.#display.tell(`hoopctl: ${asked.length} waiting`, isNew)
    this.#told = new Set(asked)
  }

  async #perform(effect: Effect): Promise<void> {
    if (effect.kind === 'quit')
      return this.#end(effect.why === 'quit' ? { kind: 'quit' } : { kind: 'interrupt', signal: 'SIGINT' })
    if (effect.kind === 'over') return this.#end({ kind: 'failed', failure: this.#overOf(effect.approval) })
    this.#isBusy = true
    try {
      const notice = await this.#do(effect)
      this.#state = { ...this.#state, notice }
    } catch (failure) {
      this.#failed(failure)
    }
    this.#isBusy = false
    // Keys that were meant for an editor or a sign-in answer nothing here.
    this.#state = { ...this.#state, seen: null }
    this.#guarded(() => this.#refresh())
  }

  async #do(effect: Exclude<Effect, { kind: 'quit' | 'over' }>): Promise<Notice | null> {
    switch (effect.kind) {
      case 'approve':
        return this.#approve(effect)
      case 'deny':
        return this.#deny(effect.examined, effect.message)
      case 'edit':
        return this.#edit(effect.examined)
      case 'forget':
        this.#parts.inbox.forget(effect.one)
        return { tone: 'good', text: `${effect.one.approval} is not remembered any more` }
      default:
        return effect satisfies never
    }
  }

  async #approve(approval: Approval): Promise<Notice> {
    if (needsTerminal(approval)) await this.#display.leave()
    const show = (text: string) => void this.#context.stderr.write(text)
    const taken = await giveApproval(approval, this.#parts, this.#context.now, show)
    this.#state = { ...this.#state, view: this.#state.only === null ? 'list' : 'call', edit: null, scroll: 0 }
    return this.#answered(taken, approval.examined, 'Approved')
  }

  async #deny(examined: Examined, message: string | null): Promise<Notice> {
    const taken = await giveDenial(examined, message, this.#parts, this.#context.now())
    return this.#answered(taken, examined, 'Denied')
  }

  #answered(taken: Taken, examined: Examined, word: 'Approved' | 'Denied'): Notice {
    const { approval } = examined.entry.question
    if (taken === 'taken') {
      this.#state = goOn(this.#state, examined)
      const said = `${word} ${approval}: ${fit(foreignText(examined.what), 80)}${word === 'Denied' ? '' : comesAgain(examined, this.#context.now())}`
      if (this.#state.only !== null) this.#end({ kind: 'answered', said })
      return { tone: 'good', text: said }
    }
    const failure = this.#overOf(approval)
    if (this.#state.only !== null) this.#end({ kind: 'failed', failure })
    return { tone: 'bad', text: `not answered: ${failure.message}` }
  }

  #overOf(approval: string): HoopctlError {
    return approvalOver(approval, this.#parts.inbox.ended(approval))
  }

  async #edit(examined: Examined): Promise<Notice | null> {
    await this.#display.leave()
    const own = this.#parts.own(examined.entry.question)
    const left = await this.#editor.edit(examined, editInView(this.#state), own, this.#context)
    if ('notice' in left) return left.notice
    this.#state = { ...this.#state, view: 'edit', edit: left.edit, scroll: 0 }
    return null
  }

  // What a person can act on is told on the screen; what is not for them ends a run that is for this call only.
  #failed(failure: unknown): void {
    const isOurs = failure instanceof HoopctlError
    if (!isOurs) return this.#ended.reject(failure)
    const isFinal = ['NOT_APPROVER', 'APPROVAL_ALTERED'].includes(failure.code)
    if (isFinal && this.#state.only !== null) return this.#end({ kind: 'failed', failure })
    const text = `not answered: ${visible(failure.message)}: ${visible(failure.hint)}`
    this.#state = { ...this.#state, notice: { tone: 'bad', text } }
  }

  #end(outcome: Outcome): void {
    this.#isOver = true
    this.#ended.resolve(outcome)
  }
}
