import type { Answer } from '../../approval.ts'
import type { Ended, Inbox, InboxEntry, Remembered } from './inbox.ts'
import type { TeamQuestion, TeamQuestions } from './team-questions.ts'

/** The calls of this machine together with those of a team. */
export class TeamInbox implements Inbox {
  readonly #local: Inbox
  readonly #team: TeamQuestions
  readonly #now: () => Date
  /** By the challenges of what was asked: what was answered here. A question goes on waiting until whoever asked has looked. */
  readonly #given = new Map<string, readonly Answer[]>()

  constructor(local: Inbox, team: TeamQuestions, now: () => Date) {
    this.#local = local
    this.#team = team
    this.#now = now
  }

  waiting(): readonly InboxEntry[] {
    const here = this.#local.waiting()
    const known = new Set(here.map(({ question }) => question.challenge))
    const there = this.#team.waiting().filter(({ question }) => !known.has(question.challenge))
    return [...here, ...there.map((one) => this.#entry(one))]
  }

  remembered(): readonly Remembered[] {
    return this.#local.remembered()
  }

  ended(approval: string): Ended | null {
    return this.#local.ended(approval)
  }

  onChange(call: () => void): () => void {
    const stops = [this.#local.onChange(call), this.#team.onChange(call)]
    return () => stops.forEach((stop) => stop())
  }

  async answer(entry: InboxEntry, answer: Answer): Promise<'taken' | 'over' | 'unknown'> {
    if (entry.from === 'here') return this.#local.answer(entry, answer)
    const { challenge } = entry.question
    if (!this.#team.waiting().some(({ question }) => question.challenge === challenge)) return 'over'
    await this.#team.answer(entry.question, answer)
    // Who says yes to what another device of somebody asks has looked at that device.
    if (answer.kind === 'approve') this.#team.accept(entry.question)
    this.#given.set(challenge, [...(this.#given.get(challenge) ?? []), answer])
    return 'taken'
  }

  forget(one: Remembered): void {
    this.#local.forget(one)
  }

  close(): void {
    this.#team.close()
    this.#local.close()
  }

  // What others answered is not read here: each looks for the end that whoever asks tells.
  #entry({ question, device }: TeamQuestion): InboxEntry {
    const isHeld = this.#now().getTime() < Date.parse(question.heldUntil)
    const answers = this.#given.get(question.challenge) ?? []
    return { question, from: 'team', state: isHeld ? 'held' : 'queued', answers, device }
  }
}
