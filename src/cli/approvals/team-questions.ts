import type { Answer, Question } from '../../approval.ts'
import { laterBy, parseInstant } from '../../instant.ts'
import type { ApprovalBucket } from '../../remote/approval-bucket.ts'
import type { DevicePins, DeviceStanding } from '../../state/device-pins.ts'
import { dropOldest } from './drop-oldest.ts'
import { fairShare } from './fair-share.ts'
import { NewObjects, type Window } from './new-objects.ts'
import { Rounds, type Timers, TIMERS } from './rounds.ts'
import { MOST_SIGNED_BYTES } from './signed-text.ts'
import { answerObject } from './team-answer.ts'
import { nameAt, OVER, QUESTIONS, questionName } from './team-names.ts'
import { readOver, readTeamQuestion } from './team-question.ts'
import { ToldOnce } from './told-once.ts'

/** A question of the team's, with how the device that signed it is known. */
export interface TeamQuestion {
  readonly question: Question
  readonly device: 'own' | DeviceStanding
}

interface Needs {
  readonly bucket: ApprovalBucket
  readonly pins: DevicePins
  /** The public key of this device. */
  readonly device: string
  readonly now: () => Date
  readonly say: (line: string) => void
  readonly timers?: Timers
}

/** No question lives longer (`approval.timeout`). */
const LOOK_BACK_MS = 7 * 24 * 3600_000
/** So much later than this one the clock of whoever asks may be. */
const SKEW_MS = 5 * 60_000
const POLL_MS = 1000
const MOST_SHOWN = 2000
const SHOWN_AT_ONCE = 16
const MOST_OVER = 20_000
const MOST_OVER_BYTES = 4096

/**
 * The questions that lie in the team's store, for the screens of those who answer. What is read there is anybody's word:
 * a question counts while it lives, under its own name, with the signature of the device that it names, and is over when
 * that device says so.
 */
export class TeamQuestions {
  readonly #needs: Needs
  readonly #told: ToldOnce
  readonly #questions: NewObjects
  readonly #overs: NewObjects
  readonly #rounds: Rounds
  readonly #listeners = new Set<() => void>()
  #shown: readonly TeamQuestion[] = []
  readonly #over = new Set<string>()

  constructor(needs: Needs) {
    this.#needs = needs
    this.#told = new ToldOnce(needs.say, needs.now)
    this.#questions = new NewObjects(needs.bucket, QUESTIONS, { maxBytes: MOST_SIGNED_BYTES })
    this.#overs = new NewObjects(needs.bucket, OVER, { maxBytes: MOST_OVER_BYTES })
    const failed = (error: unknown) => this.#told.failed('the questions of the team cannot be read', error)
    this.#rounds = new Rounds({ round: () => this.#round(), failed }, needs.timers ?? TIMERS)
  }

  /** Looks now; what has begun goes on every second until it is closed. Throws nothing: a failure is told once. */
  refresh(): Promise<void> {
    return this.#rounds.wake()
  }

  /** Lists the questions that live, the newest first. */
  waiting(): readonly TeamQuestion[] {
    const now = this.#needs.now()
    return this.#shown.filter(({ question }) => lives(question, now))
  }

  /** Calls back after each change; returns what stops that. */
  onChange(call: () => void): () => void {
    this.#listeners.add(call)
    return () => void this.#listeners.delete(call)
  }

  /** Takes the device that asks for one of that subject's from now on. Throws STATE_UNWRITABLE. */
  accept({ requester, device }: Question): void {
    this.#needs.pins.accept(requester, device)
    this.#shown = this.#shown.map((each) =>
      each.device === 'changed' ? { ...each, device: this.#standing(each.question) } : each,
    )
    this.#changed()
  }

  /** Puts an answer where whoever asked looks for it. Throws UNREACHABLE. */
  async answer(question: Question, answer: Answer): Promise<void> {
    const { name, bytes } = answerObject(question, answer)
    await this.#needs.bucket.put(name, bytes) // the name says what is in it: that it is there already is as good
  }

  close(): void {
    this.#rounds.close()
    this.#listeners.clear()
  }

  async #round(): Promise<number> {
    const now = this.#needs.now()
    // First what is over, so that it is not shown for a moment.
    const overs = await this.#overs.look(windowOf(OVER, now), (object) => {
      const over = readOver(object)
      if (over !== null) this.#note(`${over.device} ${over.name}`)
    })
    this.#show(this.#shown, now)
    const fresh: TeamQuestion[] = []
    const questions = await this.#questions.look(windowOf(QUESTIONS, now), (object) => {
      const question = readTeamQuestion(object)
      if (question === null || !lives(question, now) || this.#isOver(question)) return
      fresh.push({ question, device: this.#standing(question) })
      if (fresh.length >= SHOWN_AT_ONCE) this.#show([...this.#shown, ...fresh.splice(0)], now)
    })
    this.#show([...this.#shown, ...fresh], now)
    const failure = questions ?? overs
    if (failure === null) this.#told.worked()
    else this.#told.failed('some questions of the team cannot be read', failure)
    return POLL_MS
  }

  #show(all: readonly TeamQuestion[], now: Date): void {
    const alive = all.filter(({ question }) => lives(question, now) && !this.#isOver(question))
    // What was forgotten may have been read twice.
    const named = new Map(alive.map((each) => [nameOf(each), each]))
    const sorted = [...named.keys()].toSorted().flatMap((name) => named.get(name) ?? [])
    const shown = fairShare(sorted, MOST_SHOWN, ({ question }) => question.device)
    // What is left out is read again when it is next seen: there may be room then.
    const kept = new Set(shown)
    for (const each of sorted.filter((one) => !kept.has(one))) {
      this.#questions.forget(`${QUESTIONS}${questionName(each.question)}.json`)
    }
    const before = this.#shown
    this.#shown = shown
    const same = before.length === this.#shown.length && before.every((each, i) => each === this.#shown[i])
    if (!same) this.#changed()
  }

  #standing({ requester, device }: Question): TeamQuestion['device'] {
    return device === this.#needs.device ? 'own' : this.#needs.pins.check(requester, device)
  }

  #isOver(question: Question): boolean {
    return this.#over.has(`${question.device} ${questionName(question)}`)
  }

  #note(over: string): void {
    this.#over.add(over)
    dropOldest(this.#over, MOST_OVER)
  }

  #changed(): void {
    for (const call of this.#listeners) call()
  }
}

function lives({ answerBy }: Question, now: Date): boolean {
  const end = parseInstant(answerBy)
  return end !== null && now < end
}

function nameOf({ question }: TeamQuestion): string {
  return `${questionName(question)} ${question.device}`
}

function windowOf(prefix: string, now: Date): Window {
  const after = `${prefix}${nameAt(laterBy(now, SKEW_MS))}`
  return { after, until: `${prefix}${nameAt(laterBy(now, -LOOK_BACK_MS))}~` }
}
