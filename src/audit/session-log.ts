import { HoopctlError } from '../errors.ts'
import type {
  AuditSettings,
  ConfirmedObject,
  DecisionBody,
  FooterBody,
  HeaderBody,
  RecordBody,
  ResponseBody,
} from '../records.ts'
import { Chain } from './chain.ts'
import type { Clock } from './clock.ts'
import type { DeviceKey } from './device-key.ts'
import { stateUnwritable } from './disk-failure.ts'
import { LogFile, type WriteFailure } from './log-file.ts'
import { describeMessage, type MeasuredMessage, NO_PAYLOAD, type WholeMessage } from './payload.ts'
import { ensurePrivateDirectory } from './private-files.ts'
import {
  checkpointMembers,
  footerMembers,
  headerMembers,
  lineStart,
  recordMembers,
  shortAnswerMembers,
} from './record-line.ts'
import { redactCommand } from './redact-command.ts'
import { Reserve } from './reserve.ts'
import { createNumbered, NO_DIGEST, type NumberedFile, noteNewest } from './session-number.ts'
import { syncDirectory } from './sync-directory.ts'
import { sweepTemporary } from './temporary-file.ts'
import { makeUlid } from './ulid.ts'

const CHECKPOINT_RECORDS = 256
const CHECKPOINT_MS = 5000
// The shortest forms of an answer and of a decision together take less than 1 KiB, unless a rule's name is
// very long.
const ANSWER_ROOM = 1024
const FOOTER_ROOM = 1024

/**
 * What became of staged records: all written; of all of them only the answers, in short form; nothing
 * written.
 */
export type Committed = 'all' | 'answers' | 'none'

/** What a session log needs from its surroundings. */
export interface SessionLogOptions {
  /** Where sessions are kept: `sessions` in the state directory. Made on first use. */
  readonly directory: string
  readonly device: DeviceKey
  readonly header: HeaderBody
  readonly audit: AuditSettings
  readonly clock: Clock
  /** Absent: nothing is uploaded. */
  readonly confirmations?: Confirmations
}

/** What destinations were seen to hold and no checkpoint tells of yet. Neither function throws. */
export interface Confirmations {
  /** Gives what a session's next checkpoint is to tell. */
  untold(session: string): readonly ConfirmedObject[]
  /** Hears that they stand in a checkpoint. */
  told(objects: readonly ConfirmedObject[]): void
}

/**
 * The log of one session: records are staged in memory, then written together before what they tell of is
 * done.
 */
export interface SessionLog {
  /** The session's ULID: 26 characters. */
  readonly session: string
  readonly path: string
  /** Why the last commit did not write all, in words for a person; null when it did. */
  readonly failure: string | null
  /** Stages a record, with the message that it is about. Nothing is on disk before `commit`. */
  append(body: RecordBody, message?: WholeMessage | MeasuredMessage): void
  /**
   * Writes all staged records in one go. Where that fails, the log is as if they had never been staged; then
   * answers and decisions are written alone, without their messages, into the room that was kept for them.
   * Never throws.
   */
  commit(): Committed
  /** Keeps room for the records of so many open answers and for the footer; false: deny the call. */
  roomFor(openAnswers: number): boolean
  /** Writes what is staged, then the signed footer, and closes the file. Never throws. */
  close(footer: FooterBody): void
}

/**
 * Opens a new session's log: numbered, with its header on disk. Throws STATE_UNWRITABLE or FILE_MODE, each
 * with what helps. Writes a signed checkpoint every 5 s in which there were records; the timer does not keep
 * the process alive.
 */
export function openSessionLog(options: SessionLogOptions): SessionLog {
  const { directory, device, audit, clock } = options
  ensurePrivateDirectory(directory)
  const now = clock.now()
  const session = makeUlid(now)
  const at = clock.micros()
  const { command } = options.header.server
  const header = { ...options.header, server: { ...options.header.server, command: redactCommand(command) } }
  const headerLine = (number: number, previous: string) => {
    const members = headerMembers(header, { session, device: device.id, number, previous })
    return `${lineStart(0, at, 'header', NO_DIGEST)}${members}}`
  }
  try {
    sweepTemporary(directory, now)
    const file = createNumbered(directory, headerLine, audit.durability === 'disk')
    noteOrLeave(directory, file)
    if (audit.durability === 'disk') syncDirectory(directory)
    return new OpenSessionLog(options, session, at, file)
  } catch (error) {
    throw error instanceof HoopctlError ? error : stateUnwritable(directory, error)
  }
}

// An old note is safe, so a disk that has room for the header but not for the note is no reason to fail here.
function noteOrLeave(directory: string, file: NumberedFile): void {
  try {
    noteNewest(directory, file.header)
  } catch {
    // The next session notes itself.
  }
}

/** An answer or decision that is staged, to be said again in short form if there is no room. */
interface StagedAnswer {
  readonly body: ResponseBody | DecisionBody
  readonly at: string
  readonly digest: string
}

class OpenSessionLog implements SessionLog {
  readonly session: string
  readonly path: string
  failure: string | null = null
  readonly #payloads: AuditSettings['payloads']
  readonly #file: LogFile
  readonly #reserve: Reserve
  readonly #chain: Chain
  readonly #timer: NodeJS.Timeout
  readonly #confirmations: Confirmations | null
  #telling: readonly ConfirmedObject[] = []
  #answers: StagedAnswer[] = []
  #checkpointDue = false
  #closed = false

  constructor(options: SessionLogOptions, session: string, at: string, file: NumberedFile) {
    this.session = session
    this.path = file.path
    this.#payloads = options.audit.payloads
    this.#confirmations = options.confirmations ?? null
    this.#file = new LogFile(file, options.audit.durability === 'disk')
    this.#reserve = new Reserve(options.directory)
    this.#chain = new Chain({ digest: file.header.digest, at }, options.device, options.clock)
    this.#timer = setInterval(() => this.#onTimer(), CHECKPOINT_MS).unref()
  }

  append(body: RecordBody, message?: WholeMessage | MeasuredMessage): void {
    const payload =
      message === undefined ? NO_PAYLOAD : describeMessage(message, this.#payloads, body.kind === 'refused')
    const at = this.#chain.instant()
    // A decision by which something is sent is no answer: without its receipt it would prove nothing, and is withheld.
    if (body.kind === 'response' || (body.kind === 'decision' && body.sent === null))
      this.#answers.push({ body, at, digest: payload.digest })
    const members = recordMembers(body) + payload.digest + payload.introduction
    this.#chain.stage(body.kind, at, members, payload.embedded)
  }

  commit(): Committed {
    if (this.#chain.isEmpty) return 'all'
    if (this.#checkpointDue || this.#chain.unsignedRecords >= CHECKPOINT_RECORDS) this.#stageCheckpoint()
    const answers = this.#answers
    this.#answers = []
    const failure = this.#write()
    this.failure = failure?.why ?? null
    return failure === null ? 'all' : this.#writeShort(answers)
  }

  roomFor(openAnswers: number): boolean {
    return this.#reserve.ensure(FOOTER_ROOM + openAnswers * ANSWER_ROOM)
  }

  close(footer: FooterBody): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#timer)
    this.commit()
    // What was confirmed since the last checkpoint, of sessions that ended before: this one may have been too short to tell it.
    const untold = this.#untold()
    if (untold.length > 0) {
      this.#stageCheckpoint(untold)
      this.#write()
    }
    this.#reserve.close()
    this.#chain.stageSigned('footer', footerMembers(footer))
    this.failure = this.#write()?.why ?? null
    this.#file.close()
  }

  // What cannot be written now is due again at the next commit; the reserve is for answers, not for this.
  #onTimer(): void {
    if (this.#chain.unsignedRecords === 0) return
    this.#checkpointDue = true
    if (!this.#chain.isEmpty) return
    this.#stageCheckpoint()
    this.#write()
  }

  #untold(): readonly ConfirmedObject[] {
    return this.#confirmations?.untold(this.session) ?? []
  }

  #stageCheckpoint(telling = this.#untold()): void {
    this.#telling = telling
    this.#chain.stageSigned('checkpoint', checkpointMembers(telling))
  }

  #writeShort(answers: readonly StagedAnswer[]): Committed {
    if (answers.length === 0) return 'none'
    for (;;) {
      for (const { body, at, digest } of answers) {
        const members = body.kind === 'response' ? shortAnswerMembers(body) : recordMembers(body)
        this.#chain.stage(body.kind, at, members + digest, null)
      }
      const failure = this.#write()
      if (failure === null) return 'answers'
      if (!failure.lacksSpace || !this.#reserve.release()) return 'none'
    }
  }

  /** Writes what is staged, or forgets it. */
  #write(): WriteFailure | null {
    const failure = this.#file.write(this.#chain.lines)
    const telling = this.#telling
    this.#telling = []
    if (failure !== null) {
      this.#chain.drop()
      return failure
    }
    this.#chain.keep()
    if (telling.length > 0) this.#confirmations?.told(telling)
    if (this.#chain.unsignedRecords === 0) this.#checkpointDue = false
    return null
  }
}
