import { type LogRecord, numberOf, readRecords, recordOf, textOf, textsOf } from './log-record.ts'

/** One session, as `sessions list` shows it. Nothing is verified here. */
export interface SessionSummary {
  readonly session: string | null
  readonly number: number
  readonly started: string | null
  readonly ended: string | null
  /** `open`: running, killed or cut; `broken`: not readable to its end. */
  readonly state: 'complete' | 'open' | 'broken'
  /** The server's name in the policy, else the command. */
  readonly server: string | null
  /** The subject's email, else its `sub`. */
  readonly subject: string | null
  /**
   * What the client asked for and policy decides: calls, reads, subscriptions, prompts, completions, and whatever else
   * it was refused but handshakes and lists. What the server asks of the client is none of it.
   */
  readonly calls: number
  /** Those of `calls` that were asked about, and those that were denied at first. */
  readonly asked: number
  readonly denied: number
}

/** What is known of one session: its summary, and what it can be looked for by. */
export interface SessionEntry extends SessionSummary {
  /** The instant of its last record; null where none is readable. */
  readonly last: string | null
  /** The emails and `sub`s of its subjects. */
  readonly people: readonly string[]
  /**
   * What was decided of which tools, among `calls`, each once: `deny drop_table`, or `deny` for what is no tool. Texts,
   * because ten thousand sessions have a hundred thousand.
   */
  readonly uses: readonly string[]
}

const GOVERNED = new Set(
  'tools/call resources/read resources/subscribe resources/unsubscribe prompts/get completion/complete'.split(
    ' ',
  ),
)

// Every client sends these whether or not anything is wanted of the server; one that did not start answers none of them.
const PREPARATIONS = new Set(
  'initialize server/discover ping logging/setLevel tools/list resources/list resources/templates/list prompts/list tasks/list'.split(
    ' ',
  ),
)

const EFFECTS = new Set(['allow', 'ask', 'deny'])

/** Reads one session's log for what is told of it in lists. A file that cannot be read is broken. */
export function readEntry(number: number, path: string): SessionEntry {
  const tally = new Tally()
  try {
    for (const record of readRecords(path, 'without')) tally.take(record)
  } catch {
    tally.isBroken = true // what was read so far is shown; `verify` says what is wrong with it
  }
  return { session: tally.session, number, ...tally.entry() }
}

class Tally {
  session: string | null = null
  isBroken = false
  #records = 0
  #started: string | null = null
  #last: string | null = null
  #ended: string | null = null
  #server: string | null = null
  #subject: string | null = null
  readonly #people = new Set<string>()
  readonly #uses = new Set<string>()
  #calls = 0
  #asked = 0
  #denied = 0

  take(record: LogRecord | null): void {
    if (record === null || numberOf(record, 'seq') !== this.#records || this.#ended !== null)
      this.isBroken = true
    this.#records += 1
    if (record === null) return
    this.#last = textOf(record, 'at') ?? this.#last
    const kind = textOf(record, 'kind')
    if (kind === 'header') this.#takeHeader(record)
    else if (kind === 'context') this.#takeSubject(recordOf(record, 'subject'))
    else if (kind === 'request') this.#takeRequest(record)
    else if (kind === 'footer') this.#ended = textOf(record, 'at')
  }

  entry(): Omit<SessionEntry, 'session' | 'number'> {
    const broken = this.isBroken || this.session === null
    return {
      started: this.#started,
      ended: this.#ended,
      state: broken ? 'broken' : this.#ended === null ? 'open' : 'complete',
      server: this.#server,
      subject: this.#subject,
      calls: this.#calls,
      asked: this.#asked,
      denied: this.#denied,
      last: this.#last,
      people: [...this.#people],
      uses: [...this.#uses],
    }
  }

  #takeHeader(record: LogRecord): void {
    const server = recordOf(record, 'server')
    this.session = textOf(record, 'session')
    this.#started = textOf(record, 'at')
    this.#server = textOf(server, 'name') ?? textsOf(server, 'command')[0] ?? null
  }

  #takeSubject(subject: LogRecord): void {
    for (const name of [textOf(subject, 'email'), textOf(subject, 'sub')])
      if (name !== null) this.#people.add(name)
    this.#subject = textOf(subject, 'email') ?? textOf(subject, 'sub') ?? this.#subject
  }

  #takeRequest(record: LogRecord): void {
    const effect = textOf(recordOf(record, 'decision'), 'effect')
    const method = textOf(record, 'method') ?? ''
    if (textOf(record, 'from') !== 'client') return
    if (!GOVERNED.has(method) && (effect === 'allow' || PREPARATIONS.has(method))) return
    this.#calls += 1
    const tool = textOf(record, 'tool')
    if (EFFECTS.has(effect ?? '')) this.#uses.add(tool === null ? `${effect}` : `${effect} ${tool}`)
    if (effect === 'ask') this.#asked += 1
    if (effect === 'deny') this.#denied += 1
  }
}
