import type { Answer, Question } from '../../approval.ts'
import { parseInstant } from '../../instant.ts'
import type { ApprovalBucket } from '../../remote/approval-bucket.ts'
import { type NewObject, NewObjects } from './new-objects.ts'
import { Rounds, type Timers, TIMERS } from './rounds.ts'
import { dropOldest } from './drop-oldest.ts'
import { MOST_SIGNED_BYTES, type SigningDevice } from './signed-text.ts'
import { MOST_ANSWER_BYTES, readTeamAnswer } from './team-answer.ts'
import { type Asked, answersFor, QUESTIONS, questionName } from './team-names.ts'
import { type Over, overObject, questionObject } from './team-question.ts'
import { ToldOnce } from './told-once.ts'

/** A question of this device that waits for answers; of whichever shim. */
export interface WaitingQuestion extends Asked {
  /** Is the client's request still open? */
  readonly held: boolean
}

interface Needs {
  readonly bucket: ApprovalBucket
  readonly device: SigningDevice
  /** What this shim looks for: its own questions, and those of this device that no other shim looks for any more. */
  readonly waiting: () => readonly WaitingQuestion[]
  /** Is given each answer once; who gave it is not verified, and nothing of it is. */
  readonly onAnswer: (approval: string, answer: Answer) => void
  readonly say: (line: string) => void
  readonly now: () => Date
  readonly timers?: Timers
}

interface Parcel extends NewObject {
  readonly asked: Asked
  /** From then on nobody needs it. */
  readonly until: Date
  /** Is sent after what came before it, and then what it is about is removed. */
  readonly over: boolean
}

const FAST_MS = 1000
const SLOWEST_MS = 15_000
const SLOWER = 1.5
/** So long it is still said that a question is over: what nobody says ends by itself. */
const OVER_WITHIN_MS = 3600_000
const LAST_WORDS_MS = 2000
const MOST_READ = 1000

const TOO_LONG = `a question has more than ${MOST_SIGNED_BYTES} bytes`
const NOT_POSTED = 'people on other machines do not see what waits: the approval store cannot be written'
const NOT_READ = 'answers of people on other machines do not come: the approval store cannot be read'

/**
 * Carries the questions of this device to the team's store, and answers from there. Nothing waits for it: where the store
 * does not answer, that is told once and tried again. It looks every second while a call is held, ever more seldom for
 * queued ones, and not at all while nothing waits.
 */
export class Courier {
  readonly #needs: Needs
  readonly #answers: NewObjects
  readonly #prefix: string
  readonly #posting: Rounds
  readonly #looking: Rounds
  readonly #notPosted: ToldOnce
  readonly #notRead: ToldOnce
  readonly #notRemoved: ToldOnce
  readonly #timers: Timers
  #parcels: readonly Parcel[] = []
  #sending: Parcel | null = null
  /** Names of the answers that were read, by their question's. */
  readonly #read = new Map<string, string[]>()
  #paceMs = FAST_MS

  constructor(needs: Needs) {
    this.#needs = needs
    this.#timers = needs.timers ?? TIMERS
    this.#prefix = answersFor(needs.device.id)
    this.#answers = new NewObjects(needs.bucket, this.#prefix, { maxBytes: MOST_ANSWER_BYTES })
    const told = (): ToldOnce => new ToldOnce(needs.say, needs.now)
    this.#notPosted = told()
    this.#notRead = told()
    this.#notRemoved = told()
    const failedToPost = (error: unknown) => this.#notPosted.failed(NOT_POSTED, error)
    this.#posting = new Rounds({ round: () => this.#post(), failed: failedToPost }, this.#timers)
    const failedToRead = (error: unknown) => this.#notRead.failed(NOT_READ, error)
    this.#looking = new Rounds({ round: () => this.#look(), failed: failedToRead }, this.#timers)
  }

  /** Posts a question, and looks for answers from now on. */
  ask(question: Question): void {
    const until = parseInstant(question.answerBy) ?? this.#needs.now()
    const object = questionObject(question, this.#needs.device)
    if (object.bytes.length > MOST_SIGNED_BYTES) return this.#notPosted.failed(NOT_POSTED, TOO_LONG)
    this.#parcels = [...this.#parcels, { ...object, asked: question, until, over: false }]
    void this.#posting.wake()
    this.wake()
  }

  /** Tells the screens that a question of this device is over. */
  over(asked: Asked, how: Over): void {
    const unsent = this.#parcels.find((each) => each.asked.approval === asked.approval && !each.over)
    if (unsent !== undefined && unsent !== this.#sending) {
      this.#parcels = this.#parcels.filter((each) => each !== unsent)
      return
    }
    const until = new Date(this.#needs.now().getTime() + OVER_WITHIN_MS)
    const object = overObject(asked, how, this.#needs.device)
    this.#parcels = [...this.#parcels, { ...object, asked, until, over: true }]
    void this.#posting.wake()
  }

  /** Looks for answers now, and fast again: something waits, or is held again. */
  wake(): void {
    this.#paceMs = FAST_MS
    void this.#looking.wake()
  }

  /** Ends looking; what is still to be said may take two seconds more. */
  async close(): Promise<void> {
    this.#looking.close()
    let stop = (): void => undefined
    const late = new Promise<void>((resolve) => {
      stop = this.#timers.after(LAST_WORDS_MS, resolve)
    })
    if (this.#parcels.length > 0) await Promise.race([this.#posting.wake(), late])
    stop()
    this.#posting.close()
  }

  async #post(): Promise<null> {
    for (let parcel = this.#parcels[0]; parcel !== undefined; parcel = this.#parcels[0]) {
      const sent = parcel
      this.#sending = sent
      try {
        if (this.#needs.now() < sent.until) await this.#send(sent)
        this.#parcels = this.#parcels.filter((each) => each !== sent)
      } catch (error) {
        // The others come first then: what keeps one back need not be the store.
        this.#parcels = [...this.#parcels.filter((each) => each !== sent), sent]
        throw error
      } finally {
        this.#sending = null
      }
    }
    return null
  }

  async #send({ name, bytes, asked, over }: Parcel): Promise<void> {
    await this.#needs.bucket.put(name, bytes)
    this.#notPosted.worked()
    if (over) await this.#tidy(asked)
  }

  // Where nobody may remove anything, the bucket's own rules end what is old: names hold their time.
  async #tidy(asked: Asked): Promise<void> {
    const name = questionName(asked)
    const answers = this.#read.get(name) ?? []
    this.#read.delete(name)
    try {
      for (const each of [`${QUESTIONS}${name}.json`, ...answers]) {
        if ((await this.#needs.bucket.remove(each)) === 'removed') continue
        const why = 'the store lets nobody remove them, so its owner has to'
        this.#notRemoved.failed('questions that are over stay in the approval store', why)
        return
      }
    } catch (error) {
      this.#notRemoved.failed('questions that are over stay in the approval store', error)
    }
  }

  async #look(): Promise<number | null> {
    const waiting = this.#needs.waiting()
    const byName = new Map(waiting.map((asked) => [questionName(asked), asked]))
    const names = [...byName.keys()].toSorted()
    const [first, last] = [names[0], names.at(-1)]
    if (first === undefined || last === undefined) return null
    const askedOf = (name: string) => byName.get(name.slice(this.#prefix.length).split('/')[0] ?? '')
    const window = {
      after: `${this.#prefix}${first}`,
      until: `${this.#prefix}${last}/~`,
      wants: (name: string) => askedOf(name) !== undefined,
    }
    const failure = await this.#answers.look(window, (object) => {
      const asked = askedOf(object.name)
      if (asked !== undefined) this.#take(object, asked)
    })
    if (failure !== null) this.#notRead.failed(NOT_READ, failure)
    else this.#notRead.worked()
    return this.#pace(waiting)
  }

  #take(object: NewObject, asked: Asked): void {
    const answer = readTeamAnswer(object, { ...asked, device: this.#needs.device.id })
    if (answer === null) return
    this.#needs.onAnswer(asked.approval, answer) // where this throws, the answer comes again
    const name = questionName(asked)
    this.#read.set(name, [...(this.#read.get(name) ?? []), object.name])
    dropOldest(this.#read, MOST_READ)
  }

  #pace(waiting: readonly WaitingQuestion[]): number {
    if (waiting.some(({ held }) => held)) return FAST_MS
    const pace = this.#paceMs
    this.#paceMs = Math.min(SLOWEST_MS, pace * SLOWER)
    return pace
  }
}
