import type { Question } from '../approval.ts'
import type { CheckedReceipt } from './approval-desk.ts'
import type { Exchange } from './exchanges.ts'
import type { RequestMessage } from './message.ts'
import type { MethodRow } from './methods.ts'
import type { Matter } from './read-request.ts'

/** A request that is about one call, which rules may ask about. */
export interface Asked {
  readonly message: RequestMessage
  readonly exchange: Exchange
  readonly matter: Extract<Matter, { readonly kind: 'call' }>
  readonly row: MethodRow
}

/** A call that steps aside until a person has answered. */
export interface HeldCall extends Asked {
  readonly question: Question
  /** Was it asked about before, so that only the answers that are there already are looked at? */
  readonly repeated: boolean
  /** What was found of each receipt, by its text. */
  readonly checked: Map<string, CheckedReceipt | 'being-checked'>
  /** Ends its timers. */
  readonly stop: () => void
}

// The call that is asked about is the last of them.
const EARLIER_KEPT = 6

/** The calls of one session that wait for people, and those that were queued and still may be answered. */
export class HeldCalls {
  /** By the number of their exchange: the same queued call may come several times at once. */
  readonly #held = new Map<number, HeldCall>()
  /** By the approval's id: until when it may be answered, in milliseconds since 1970. */
  readonly #queued = new Map<string, number>()
  readonly #told = new Set<string>()
  /** What an answer was remembered for, and what the rules wanted then, by the approval's id. */
  readonly #remembered = new Map<string, { readonly call: string; readonly terms: string }>()
  #earlier: { readonly at: Date; readonly what: string; readonly effect: string }[] = []

  /** What was called last, the latest last: the call of now is among it. */
  get earlier(): readonly { readonly at: string; readonly what: string; readonly effect: string }[] {
    return this.#earlier.map((one) => ({ ...one, at: one.at.toISOString() }))
  }

  // Done for each call, also where nobody is asked.
  note(at: Date, what: string, effect: string): void {
    if (this.#earlier.push({ at, what, effect }) > EARLIER_KEPT) this.#earlier.shift()
  }

  /** Counts the calls of this session that wait for an answer, queued ones too. */
  waiting(now: Date): number {
    for (const [id, until] of this.#queued) if (until <= now.getTime()) this.#queued.delete(id)
    const held = this.all().filter(({ repeated }) => !repeated)
    return held.length + this.#queued.size
  }

  hold(call: HeldCall): void {
    this.#held.set(call.exchange.number, call)
  }

  all(): readonly HeldCall[] {
    return [...this.#held.values()]
  }

  ofExchange(exchange: Exchange): HeldCall | undefined {
    return this.all().find((held) => held.exchange === exchange)
  }

  /** Lets go of a call, whatever becomes of it; false where it was let go of before. */
  release({ exchange, stop }: HeldCall): boolean {
    stop()
    return this.#held.delete(exchange.number)
  }

  /** Counts a question as one that still waits, though nobody holds the call. */
  queued({ approval, answerBy }: Question): void {
    this.#queued.set(approval, new Date(answerBy).getTime())
  }

  /** An approval was used, denied or has ended: it waits no more. */
  over(id: string): void {
    this.#queued.delete(id)
  }

  /** Says, once, that the client has not heard yet how a question ended. */
  tell(id: string): boolean {
    if (this.#told.has(id)) return false
    this.#told.add(id)
    return true
  }

  /** Notes under which terms an answer is to cover the same call again. */
  remember(id: string, call: string, terms: string): void {
    this.#remembered.set(id, { call, terms })
  }

  /** Lists the approvals whose answers were remembered for a call under these very terms: under others they say nothing. */
  remembered(call: string, terms: string): readonly string[] {
    const same = [...this.#remembered].filter(([, kept]) => kept.call === call && kept.terms === terms)
    return same.map(([id]) => id)
  }

  /** Forgets all but what is held: somebody else asks from now on. */
  forget(): void {
    this.#queued.clear()
    this.#told.clear()
    this.#remembered.clear()
    this.#earlier = []
  }
}
