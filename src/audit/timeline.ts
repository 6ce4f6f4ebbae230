import { visible } from '../visible.ts'
import { type LogRecord, numberOf, recordOf, textOf, textsOf } from './log-record.ts'
import { approvalLines } from './timeline-approval.ts'
import { contextLines, headerLines } from './timeline-context.ts'
import { clockTime, duration, line, recordName, size, type TimelineLine } from './timeline-line.ts'

/**
 * Tells a session's records as a timeline for people, in the order in which they were written. Whatever came
 * from a client, a server or the file is made visible. A record that is not readable is said to be so.
 */
export function* timeline(records: Iterable<LogRecord | null>): Generator<TimelineLine, void, undefined> {
  let ended = false
  let place = 0
  for (const record of records) {
    yield* toldAt(place++, record)
    ended = record !== null && textOf(record, 'kind') === 'footer'
  }
  if (!ended) yield line('warn', 'no end is recorded: it is running, was killed, or its end was cut off')
}

/** Tells one record as `timeline` does, with its place in the log. */
export function toldAt(place: number, record: LogRecord | null): readonly TimelineLine[] {
  const [first, ...more] = toldOf(record)
  return first === undefined ? [] : [{ ...first, record: recordName(place) }, ...more]
}

/** Tells one record as `timeline` does, wherever it stands. */
export function toldOf(record: LogRecord | null): readonly TimelineLine[] {
  if (record === null) return [line('bad', '            a line that is no record')]
  switch (textOf(record, 'kind') ?? '') {
    case 'header':
      return headerLines(record)
    case 'context':
      return contextLines(record)
    case 'request':
      return requestLines(record)
    case 'response':
      return responseLines(record)
    case 'notification':
      return notificationLines(record)
    case 'refused':
      return [
        line(
          'bad',
          `${clockTime(record)} a line from the ${side(record)} was refused: ${plain(record, 'why')}`,
        ),
      ]
    case 'approval':
      return approvalLines(record)
    case 'decision':
      return decisionLines(record)
    case 'footer':
      return footerLines(record)
    default:
      return [] // checkpoints tell nothing about what happened
  }
}

const EFFECTS: Readonly<Record<string, string>> = { allow: 'allowed', ask: 'asked', deny: 'denied' }
const TONES = { allow: 'good', ask: 'warn', deny: 'bad' } as const
const INDENT = ' '.repeat(16)
const ARGUMENTS_LENGTH = 160

function requestLines(record: LogRecord): TimelineLine[] {
  const exchange = `#${numberOf(record, 'exchange') ?? '?'}`.padEnd(3)
  const from = textOf(record, 'from')
  const asker = from === 'client' ? '' : `${from === 'hoopctl' ? from : `the ${side(record)}`} asks: `
  const title = `${clockTime(record)} ${exchange} ${asker}${plain(record, 'method')}${subjectOf(record)}`
  const lines = [line('plain', title), verdict(recordOf(record, 'decision'))]
  const given = argumentsOf(record)
  if (given !== null) lines.splice(1, 0, line('quiet', `${INDENT}${given}`))
  return [...lines, ...changedLines(record), ...answersLines(record)]
}

function subjectOf(record: LogRecord): string {
  const names = ['tool', 'resource', 'prompt', 'task'].map((member) => textOf(record, member))
  const told = names.filter((name) => name !== null)
  if (told.length > 0) return told.map((name) => ` ${visible(name)}`).join('')
  // Nothing was decided of a request to a server that did not start, so the record has no such member; its message has.
  const params = recordOf(recordOf(record, 'message'), 'params')
  const name = textOf(params, 'name') ?? textOf(params, 'uri')
  return name === null ? '' : ` ${visible(name)}`
}

function argumentsOf(record: LogRecord): string | null {
  const given = recordOf(recordOf(record, 'message'), 'params')['arguments']
  if (given === undefined) return null
  try {
    const text = JSON.stringify(given)
    return visible(text.length <= ARGUMENTS_LENGTH ? text : `${text.slice(0, ARGUMENTS_LENGTH)}…`)
  } catch {
    return '(arguments that are nested too deep to be shown)' // only in a file that hoopctl did not write
  }
}

function verdict(decision: LogRecord): TimelineLine {
  const effect = textOf(decision, 'effect') ?? ''
  const rules = textsOf(decision, 'rules')
  const by = rules.length === 0 ? '' : ` by ${rules.map((rule) => visible(rule)).join(', ')}`
  const tone = effect === 'allow' || effect === 'ask' || effect === 'deny' ? TONES[effect] : 'bad'
  return line(tone, `${INDENT}${EFFECTS[effect] ?? visible(effect)}${by}: ${plain(decision, 'why')}`)
}

function responseLines(record: LogRecord): TimelineLine[] {
  const failed = record['isError'] === true || 'error' in recordOf(record, 'message')
  const took = duration(numberOf(record, 'tookUs'))
  const outcome = `${failed ? 'answered with an error' : 'answered'} in ${took}, ${size(numberOf(record, 'bytes'))}`
  const exchange = `#${numberOf(record, 'exchange') ?? '?'}`.padEnd(3)
  const title = `${clockTime(record)} ${exchange} ${outcome}${storedAs(record)}`
  return [line(failed ? 'warn' : 'quiet', title), ...changedLines(record), ...answersLines(record)]
}

function storedAs(record: LogRecord): string {
  if (!('bytes' in record) || 'message' in record) return ''
  return 'head' in record ? ' (recorded in part)' : ' (recorded by its digest)'
}

function changedLines(record: LogRecord): TimelineLine[] {
  if (!('changed' in record)) return []
  const changed = recordOf(record, 'changed')
  const hidden = textsOf(changed, 'hidden').map((name) => visible(name))
  const why = textOf(changed, 'why')
  const came = size(numberOf(recordOf(changed, 'received'), 'bytes'))
  const what = [why === null ? 'changed' : `changed: ${visible(why)}`]
  if (hidden.length > 0) what.push(`hidden: ${hidden.join(', ')}`)
  return [line('warn', `${INDENT}${what.join('; ')} (${came} came)`)]
}

function answersLines(record: LogRecord): TimelineLine[] {
  if (!('answers' in record)) return []
  const given = Object.entries(recordOf(record, 'answers'))
  const each = given.map(
    ([name, bytes]) => `${visible(name)} (${size(typeof bytes === 'number' ? bytes : null)})`,
  )
  return [line('quiet', `${INDENT}answers, without their values: ${each.join(', ')}`)]
}

function notificationLines(record: LogRecord): TimelineLine[] {
  const refused = 'decision' in record
  if (!refused && !('changed' in record)) return []
  const title = `${clockTime(record)} the ${side(record)} tells: ${plain(record, 'method')}`
  const decided = refused ? [verdict(recordOf(record, 'decision'))] : []
  return [line('plain', title), ...decided, ...changedLines(record)]
}

function decisionLines(record: LogRecord): TimelineLine[] {
  const exchange = `#${numberOf(record, 'exchange') ?? '?'}`.padEnd(3)
  const approval = textOf(record, 'approval')
  const by = approval === null ? '' : `, approval ${visible(approval)}`
  return [line('plain', `${clockTime(record)} ${exchange} decided${by}`), verdict(record)]
}

const ENDS: Readonly<Record<string, string>> = {
  'client-closed': 'the client closed',
  'server-exited': 'the server ended',
  'server-not-started': 'the server did not start',
  signal: 'hoopctl was told to end',
  failed: 'hoopctl failed',
  'subject-changed': 'somebody else signed in',
}

function footerLines(record: LogRecord): TimelineLine[] {
  const end = textOf(record, 'end') ?? ''
  const count = (name: string) => numberOf(record, name) ?? '?'
  const counts = `${count('exchanges')} exchanges: ${count('allowed')} allowed, ${count('asked')} asked, ${count('denied')} denied`
  const code = numberOf(record, 'exitCode')
  const exit = code === 0 ? '' : ` (exit code ${code ?? '?'})`
  const tone = end === 'failed' || end === 'server-not-started' ? 'bad' : 'plain'
  return [
    line(tone, `${clockTime(record)} ended: ${ENDS[end] ?? visible(end)}${exit}`),
    line('plain', `${INDENT}${counts}`),
  ]
}

function side(record: LogRecord): string {
  return plain(record, 'from')
}

function plain(record: LogRecord, name: string): string {
  return visible(textOf(record, name) ?? '?')
}
