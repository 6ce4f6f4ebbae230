import { visible } from '../visible.ts'
import { type LogRecord, numberOf, recordOf, textOf } from './log-record.ts'
import { clockTime, line, type TimelineLine } from './timeline-line.ts'

const INDENT = ' '.repeat(16)
const ARGUMENTS_LENGTH = 160

/** Tells what became of a question about one call: who answered, how it was shown, and what they changed. */
export function approvalLines(record: LogRecord): TimelineLine[] {
  const exchange = `#${numberOf(record, 'exchange') ?? '?'}`.padEnd(3)
  const { tone, text } = told(record)
  const title = line(tone, `${clockTime(record)} ${exchange} approval ${plain(record, 'approval')} ${text}`)
  const receipt = recordOf(record, 'receipt')
  const edited = textOf(recordOf(receipt, 'edited'), 'arguments')
  if (edited === null) return [title]
  const cut = edited.length <= ARGUMENTS_LENGTH ? edited : `${edited.slice(0, ARGUMENTS_LENGTH)}…`
  return [title, line('warn', `${INDENT}edited, and sent with ${visible(cut)}`)]
}

function told(record: LogRecord): Pick<TimelineLine, 'tone' | 'text'> {
  const why = textOf(record, 'why')
  const because = why === null ? '' : `: ${visible(why)}`
  const state = textOf(record, 'state') ?? '?'
  switch (state) {
    case 'waiting':
      return { tone: 'warn', text: 'waits for a person' }
    case 'approved':
      return { tone: 'good', text: approvedBy(record) }
    case 'denied':
      return { tone: 'bad', text: deniedBy(record) }
    case 'queued':
      return { tone: 'warn', text: `is queued until ${plain(record, 'expires')}${because}` }
    case 'refused':
      return { tone: 'bad', text: `got an answer that does not count${because}` }
    case 'remembered':
      return { tone: 'good', text: `covers this call too${because}` }
    case 'withdrawn':
    case 'expired':
      return { tone: 'warn', text: `${state === 'expired' ? 'ran out' : 'was withdrawn'}${because}` }
    default:
      return { tone: 'bad', text: visible(state) } // only in a file that hoopctl did not write
  }
}

function approvedBy(record: LogRecord): string {
  const by = recordOf(record, 'by')
  const proof = textOf(recordOf(recordOf(record, 'receipt'), 'proof'), 'kind')
  const who = textOf(by, 'email') ?? textOf(by, 'sub') ?? '?'
  return `was given by ${visible(who)}, shown by ${visible(proof ?? '?')}`
}

function deniedBy(record: LogRecord): string {
  const words = textOf(record, 'text')
  const wrote = words === null ? '' : `, who wrote: "${visible(words)}"`
  return `was denied by ${plain(record, 'by')}${wrote}`
}

function plain(record: LogRecord, name: string): string {
  return visible(textOf(record, name) ?? '?')
}
