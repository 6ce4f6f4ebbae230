import { type LogRecord, numberOf, type TextRecord, textOf } from '../log-record.ts'
import type {
  Circumstances,
  ContextFacts,
  ExportedCall,
  ExportItem,
  LogEnd,
  SessionFacts,
} from './exported-call.ts'
import { OpenExchange } from './open-exchange.ts'
import { askedIn, changedBy, contextFacts, NO_CIRCUMSTANCES, NO_SESSION, sessionFacts } from './read-facts.ts'

// So much of a log may wait in memory for answers. The shim leaves no more open at once; a log that was made to hold
// nothing but questions is told of as it comes, the oldest first, and an answer that comes later fits nothing.
const HELD_BYTES = 64 * 1024 * 1024

/**
 * Reads a session's records for an export: the session, then each exchange when it ends, those without an answer last,
 * then what else there was. In memory are only the exchanges that are open. Nothing is verified.
 * @param heldBytes how many bytes of the log may wait for their answers
 */
export function* exportItems(
  records: Iterable<TextRecord | null>,
  heldBytes = HELD_BYTES,
): Generator<ExportItem, void, undefined> {
  const reading = new Reading(heldBytes)
  let told = false
  for (const record of records) {
    const calls = record === null ? reading.takeUnreadable() : reading.take(record)
    // The header is the first line of a log that holds; of another, whatever was known then.
    if (!told) yield { item: 'session', session: reading.session }
    told = true
    const context = record === null ? null : reading.contextOf(record)
    if (context !== null) yield { item: 'context', context }
    for (const call of calls) yield { item: 'call', call }
  }
  if (!told) yield { item: 'session', session: reading.session }
  for (const call of reading.rest()) yield { item: 'call', call }
  yield { item: 'end', end: reading.end() }
}

class Reading {
  session: SessionFacts = NO_SESSION
  #circumstances: Circumstances = NO_CIRCUMSTANCES
  readonly #open = new Map<number, OpenExchange>()
  readonly #heldBytes: number
  #held = 0
  #calls = 0
  #refused = 0
  #unreadable = 0
  #unmatched = 0
  #footer: LogRecord | null = null
  /** The exchange that the record before ended without an answer. */
  #over: number | null = null

  constructor(heldBytes: number) {
    this.#heldBytes = heldBytes
  }

  take(line: TextRecord): readonly ExportedCall[] {
    return [...this.#closeOver(line.record), ...this.#takeKind(line)]
  }

  #takeKind(line: TextRecord): readonly ExportedCall[] {
    const { record } = line
    switch (textOf(record, 'kind') ?? '') {
      case 'header':
        this.session = sessionFacts(record)
        return []
      case 'context':
        this.#circumstances = changedBy(record, this.#circumstances)
        return []
      case 'request':
        return this.#takeRequest(line)
      case 'approval':
      case 'decision':
      case 'response':
        return this.#takeLater(line)
      case 'notification':
        if ('decision' in record) this.#refused += 1
        return []
      case 'refused':
        this.#refused += 1
        return []
      case 'checkpoint':
        return []
      case 'footer':
        this.#footer = record
        return []
      default:
        return this.takeUnreadable()
    }
  }

  takeUnreadable(): readonly ExportedCall[] {
    this.#unreadable += 1
    return []
  }

  /** Tells what a record that was taken says of who and under what; null: it is about something else. */
  contextOf({ record }: TextRecord): ContextFacts | null {
    return textOf(record, 'kind') === 'context' ? contextFacts(record, this.#circumstances) : null
  }

  *rest(): Generator<ExportedCall> {
    for (const [exchange, open] of this.#open) yield this.#close(exchange, open.unanswered())
  }

  end(): LogEnd {
    const footer = this.#footer
    return {
      end: footer === null ? null : textOf(footer, 'end'),
      at: footer === null ? null : textOf(footer, 'at'),
      calls: this.#calls,
      refused: this.#refused,
      unreadable: this.#unreadable,
      unmatched: this.#unmatched,
    }
  }

  #takeRequest(line: TextRecord): readonly ExportedCall[] {
    const exchange = numberOf(line.record, 'exchange')
    // A number that is used twice: which of the two an answer is to, nobody can tell.
    if (exchange === null || this.#open.has(exchange)) return this.#takeUnmatched()
    const open = new OpenExchange(this.session, this.#circumstances, askedIn(line), line.bytes)
    this.#open.set(exchange, open)
    this.#held += open.bytes
    if (open.isOver) this.#over = exchange
    return this.#oldest()
  }

  #takeLater(line: TextRecord): readonly ExportedCall[] {
    const { record } = line
    const exchange = numberOf(record, 'exchange')
    const open = exchange === null ? undefined : this.#open.get(exchange)
    if (exchange === null || open === undefined) return this.#takeLate(record)
    const kind = textOf(record, 'kind')
    if (kind === 'response') return [this.#close(exchange, open.answered(line))]
    if (kind === 'approval') open.takeApproval(record)
    else open.takeDecision(record)
    if (open.isOver) this.#over = exchange
    return []
  }

  // What hoopctl answered in place of a server that did not start stands just behind the refusal.
  #closeOver(next: LogRecord): readonly ExportedCall[] {
    const over = this.#over
    this.#over = null
    const open = over === null ? undefined : this.#open.get(over)
    if (over === null || open === undefined) return []
    if (textOf(next, 'kind') === 'response' && numberOf(next, 'exchange') === over) return []
    return [this.#close(over, open.unanswered())]
  }

  // What becomes of a question once its call was refused or queued is told with the call that takes it up.
  #takeLate(record: LogRecord): readonly ExportedCall[] {
    return textOf(record, 'kind') === 'approval' ? [] : this.#takeUnmatched()
  }

  #takeUnmatched(): readonly ExportedCall[] {
    this.#unmatched += 1
    return []
  }

  #oldest(): readonly ExportedCall[] {
    const calls: ExportedCall[] = []
    for (const [exchange, open] of this.#open) {
      if (this.#held <= this.#heldBytes) break
      calls.push(this.#close(exchange, open.unanswered()))
    }
    return calls
  }

  #close(exchange: number, call: ExportedCall): ExportedCall {
    this.#held -= this.#open.get(exchange)?.bytes ?? 0
    this.#open.delete(exchange)
    this.#calls += 1
    return call
  }
}
