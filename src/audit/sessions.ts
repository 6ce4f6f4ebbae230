import { join } from 'node:path'
import { HoopctlError } from '../errors.ts'
import { visible } from '../visible.ts'
import { codeOf, reasonOf } from './disk-failure.ts'
import { type LogRecord, numberOf, readRecords, recordOf, textOf, textsOf } from './log-record.ts'
import { fileNameOf, numberOf as numberOfName, numbersIn } from './session-number.ts'

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

/** Where one session's log is. */
export interface FoundSession {
  readonly session: string | null
  readonly number: number
  readonly path: string
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

/**
 * Lists the sessions of a directory, oldest first. Sessions in which the client called nothing, like its throw-away
 * probes, are left out unless `all`. A file that cannot be read is listed as broken.
 */
export function listSessions(directory: string, { all }: { readonly all: boolean }): SessionSummary[] {
  const summaries = sessionNumbers(directory).map((number) =>
    summarize(number, join(directory, fileNameOf(number))),
  )
  return summaries.filter(({ state, calls }) => all || state === 'broken' || calls > 0)
}

/**
 * Finds a session by its number, its id or the beginning of its id. Throws UNKNOWN_SESSION where there is
 * none, or more than one.
 */
export function findSession(directory: string, wanted: string): FoundSession {
  const numbers = sessionNumbers(directory)
  // Ids begin with a zero, so `17` is a number, and so is the name of a file; `01` is the beginning of an id.
  const number = /^[1-9]\d{0,14}$/.test(wanted) ? Number(wanted) : numberOfName(`${wanted}.jsonl`)
  if (number !== null && numbers.includes(number)) return foundAt(directory, number)
  const prefix = wanted.toUpperCase()
  const found = numbers
    .map((each) => foundAt(directory, each))
    .filter(({ session }) => prefix !== '' && session?.startsWith(prefix) === true)
  const [only, second] = found
  if (only !== undefined && second === undefined) return only
  const name = visible(wanted)
  if (only === undefined) {
    const hint = numbers.length === 0 ? 'there are no sessions yet' : 'run: hoopctl sessions list --all'
    throw new HoopctlError('UNKNOWN_SESSION', `there is no session \`${name}\``, { hint })
  }
  throw new HoopctlError('UNKNOWN_SESSION', `\`${name}\` is the beginning of ${found.length} sessions`, {
    hint: `write more of it, or a number: ${found
      .slice(0, 5)
      .map((each) => each.number)
      .join(', ')}`,
  })
}

function sessionNumbers(directory: string): number[] {
  try {
    return numbersIn(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [] // nothing was wrapped yet
    throw new HoopctlError('UNREACHABLE', `cannot read \`${directory}\`: ${reasonOf(error)}`, {
      hint: 'see to it that you may read it',
      cause: error,
    })
  }
}

function foundAt(directory: string, number: number): FoundSession {
  const path = join(directory, fileNameOf(number))
  try {
    const [header] = readRecords(path, 'without')
    return {
      session: header === undefined || header === null ? null : textOf(header, 'session'),
      number,
      path,
    }
  } catch {
    return { session: null, number, path } // not readable: it can still be found by its number
  }
}

function summarize(number: number, path: string): SessionSummary {
  const tally = new Tally()
  try {
    for (const record of readRecords(path, 'without')) tally.take(record)
  } catch {
    tally.isBroken = true // what was read so far is shown; `verify` says what is wrong with it
  }
  return { session: tally.session, number, ...tally.summary() }
}

class Tally {
  session: string | null = null
  isBroken = false
  #records = 0
  #started: string | null = null
  #ended: string | null = null
  #server: string | null = null
  #subject: string | null = null
  #calls = 0
  #asked = 0
  #denied = 0

  take(record: LogRecord | null): void {
    if (record === null || numberOf(record, 'seq') !== this.#records || this.#ended !== null)
      this.isBroken = true
    this.#records += 1
    if (record === null) return
    const kind = textOf(record, 'kind')
    if (kind === 'header') this.#takeHeader(record)
    else if (kind === 'context') this.#takeSubject(recordOf(record, 'subject'))
    else if (kind === 'request') this.#takeRequest(record)
    else if (kind === 'footer') this.#ended = textOf(record, 'at')
  }

  summary(): Omit<SessionSummary, 'session' | 'number'> {
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
    }
  }

  #takeHeader(record: LogRecord): void {
    const server = recordOf(record, 'server')
    this.session = textOf(record, 'session')
    this.#started = textOf(record, 'at')
    this.#server = textOf(server, 'name') ?? textsOf(server, 'command')[0] ?? null
  }

  #takeSubject(subject: LogRecord): void {
    this.#subject = textOf(subject, 'email') ?? textOf(subject, 'sub') ?? this.#subject
  }

  #takeRequest(record: LogRecord): void {
    const effect = textOf(recordOf(record, 'decision'), 'effect')
    const method = textOf(record, 'method') ?? ''
    if (textOf(record, 'from') !== 'client') return
    if (!GOVERNED.has(method) && (effect === 'allow' || PREPARATIONS.has(method))) return
    this.#calls += 1
    if (effect === 'ask') this.#asked += 1
    if (effect === 'deny') this.#denied += 1
  }
}
