import type { FooterBody, RecordBody } from '../records.ts'
import type { MeasuredMessage, WholeMessage } from './payload.ts'
import type { Committed, SessionLog } from './session-log.ts'

/** A log that can be ended and begun anew under those who write to it: a session has one subject. */
export class RenewableLog implements SessionLog {
  readonly #open: () => SessionLog
  #log: SessionLog

  /** @param open opens the next session's log; throws where it cannot be made */
  constructor(first: SessionLog, open: () => SessionLog) {
    this.#log = first
    this.#open = open
  }

  get session(): string {
    return this.#log.session
  }

  get path(): string {
    return this.#log.path
  }

  get failure(): string | null {
    return this.#log.failure
  }

  append(body: RecordBody, message?: WholeMessage | MeasuredMessage): void {
    this.#log.append(body, message)
  }

  commit(): Committed {
    return this.#log.commit()
  }

  roomFor(openAnswers: number): boolean {
    return this.#log.roomFor(openAnswers)
  }

  close(footer: FooterBody): void {
    this.#log.close(footer)
  }

  /** Ends this session and begins the next. Where that has no log, nothing more can be recorded, and so nothing is sent. */
  renew(footer: FooterBody): void {
    this.#log.close(footer)
    try {
      this.#log = this.#open()
    } catch (failure) {
      this.#log = closedLog(this.#log, failure instanceof Error ? failure.message : String(failure))
    }
  }
}

/** A log that takes nothing: what could not be opened. */
function closedLog({ session, path }: SessionLog, failure: string): SessionLog {
  return {
    session,
    path,
    failure,
    append: () => undefined,
    commit: () => 'none',
    roomFor: () => false,
    close: () => undefined,
  }
}
