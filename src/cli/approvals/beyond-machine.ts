import type { Question } from '../../approval.ts'
import type { Policy } from '../../policy/policy.ts'
import type { Courier as Carrier } from '../../shim/shared-approvals.ts'
import type { Approvals } from '../../state/approvals.ts'
import type { SharedState } from '../../state/shared-state.ts'
import { Shims } from '../../state/shims.ts'
import type { Context } from '../context.ts'
import type { Courier, WaitingQuestion } from './courier.ts'
import type { SigningDevice } from './signed-text.ts'
import { TIMERS } from './rounds.ts'
import type { HttpClient } from '../../http.ts'

/** What carrying questions beyond this machine needs. */
export interface BeyondNeeds {
  /** The policy of now: where its store is, whom it tells. */
  readonly policy: () => Policy
  readonly state: SharedState
  readonly approvals: Approvals
  readonly device: SigningDevice
  readonly say: (line: string) => void
}

/**
 * Carries questions to the team's store and tells the webhooks of a policy, and brings answers into the shared state. What
 * that needs is loaded with the first question; nothing waits for it, and its failures are told once.
 */
export class BeyondMachine implements Carrier {
  readonly #needs: BeyondNeeds
  readonly #context: Context
  readonly #own = new Set<string>()
  readonly #ended = new AbortController()
  /** What webhooks have not answered yet. */
  readonly #telling = new Set<Promise<unknown>>()
  #courier: { readonly store: string; readonly opened: Promise<Courier> } | null = null
  #notify: {
    readonly settings: Policy['approvals']['notify']
    readonly tell: (question: Question) => void
  } | null = null

  constructor(needs: BeyondNeeds, context: Context) {
    this.#needs = needs
    this.#context = context
  }

  post(question: Question): void {
    this.#own.add(question.session)
    this.#withCourier((courier) => courier.ask(question))
    this.#quietly(this.#tellHooks(question))
  }

  over(question: Question, how: 'used' | 'denied' | 'withdrawn'): void {
    this.#withCourier((courier) => courier.over(question, how))
  }

  wake(): void {
    if (this.#waiting().length > 0) this.#withCourier((courier) => courier.wake())
  }

  /** Ends it; what is still to be said may take a second or two. */
  async close(): Promise<void> {
    const courier = this.#courier?.opened.then((opened) => opened.close())
    let stop = (): void => undefined
    const late = new Promise<void>((resolve) => {
      stop = TIMERS.after(LAST_WORDS_MS, resolve)
    })
    await Promise.race([Promise.allSettled([courier, ...this.#telling]), late])
    stop()
    this.#ended.abort()
  }

  // A store or a webhook that is silent would keep this process, and whoever waits for its end.
  #endingWith(http: HttpClient): HttpClient {
    return (url, request) => http(url, { ...request, signal: this.#ended.signal })
  }

  #remembering(http: HttpClient): HttpClient {
    return (url, request) => {
      const sent = http(url, request)
      this.#telling.add(sent)
      const forget = () => void this.#telling.delete(sent)
      sent.then(forget, forget)
      return sent
    }
  }

  #withCourier(work: (courier: Courier) => void): void {
    const { store } = this.#needs.policy().approvals
    if (store === null) return
    const settings = JSON.stringify(store)
    if (this.#courier?.store !== settings) {
      const before = this.#courier?.opened
      this.#courier = { store: settings, opened: this.#open(store) }
      if (before !== undefined) this.#quietly(before.then((courier) => courier.close()))
    }
    this.#quietly(this.#courier.opened.then(work))
  }

  async #open(store: NonNullable<Policy['approvals']['store']>): Promise<Courier> {
    const [{ Courier: Opened }, { openStoreFromHere }] = await Promise.all([
      import('./courier.ts'),
      import('./open-team-store.ts'),
    ])
    const { device, approvals, say } = this.#needs
    return new Opened({
      bucket: await openStoreFromHere(store, this.#context, (http) => this.#endingWith(http)),
      device,
      waiting: () => this.#waiting(),
      onAnswer: (approval, answer) => void approvals.answer(approval, answer, this.#context.now()),
      say,
      now: this.#context.now,
    })
  }

  // Those of this shim, and those that no shim looks for any more: else each would look for all.
  #waiting(): WaitingQuestion[] {
    const { approvals, state, device } = this.#needs
    const running = new Set(new Shims(state).running().map(({ session }) => session))
    return approvals.waiting(this.#context.now()).flatMap(({ question, state: stands }) => {
      const isOurs = this.#own.has(question.session) || !running.has(question.session)
      return isOurs && question.device === device.id ? [{ ...question, held: stands === 'held' }] : []
    })
  }

  async #tellHooks(question: Question): Promise<void> {
    const { notify } = this.#needs.policy().approvals
    if (notify.length === 0) return
    if (this.#notify?.settings !== notify)
      this.#notify = { settings: notify, tell: await this.#openNotifier(notify) }
    this.#notify.tell(question)
  }

  async #openNotifier(notify: Policy['approvals']['notify']): Promise<(question: Question) => void> {
    const [{ notifier }, { readConfig }, { httpClient }, { readSmallFile }] = await Promise.all([
      import('./notify.ts'),
      import('../config-file.ts'),
      import('../open-sign-ins.ts'),
      import('../small-file.ts'),
    ])
    const open = httpClient(await readConfig(this.#context), this.#context)
    const http = this.#remembering(this.#endingWith(open))
    const readFile = (path: string) => readSmallFile(path, path, MAX_KEY_BYTES).bytes
    return notifier(notify, { http, now: this.#context.now, say: this.#needs.say, readFile })
  }

  #quietly(work: Promise<unknown>): void {
    work.catch((failure: unknown) => {
      const why = failure instanceof Error ? failure.message : String(failure)
      this.#needs.say(`people on other machines are not told that a call waits: ${why}`)
    })
  }
}

const MAX_KEY_BYTES = 4096
/** The clients of the SDK end after two seconds what has not ended by itself. */
const LAST_WORDS_MS = 1500
