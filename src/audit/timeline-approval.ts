import { visible } from '../visible.ts'
import { isRecord, type LogRecord, numberOf, recordOf, textOf, textsOf } from './log-record.ts'
import { clockTime, line, type TimelineLine } from './timeline-line.ts'

const INDENT = ' '.repeat(16)
const TEXT_LENGTH = 500

/** Tells what became of a question to people about one call: who was asked, who answered, and how they showed it. */
export function approvalLines(record: LogRecord): TimelineLine[] {
  switch (textOf(record, 'state') ?? '') {
    case 'waiting':
      return waitingLines(record)
    case 'approved':
      return approvedLines(record)
    case 'refused':
      return [title(record, 'bad', `an answer to ${id(record)} does not count${whyOf(record)}`)]
    case 'denied':
      return deniedLines(record)
    case 'queued':
      return [title(record, 'warn', `${id(record)} is queued${until(record)}${whyOf(record)}`)]
    case 'withdrawn':
      return [title(record, 'plain', `${id(record)} is withdrawn${whyOf(record)}`)]
    case 'expired':
      return [title(record, 'warn', `${id(record)} has expired${whyOf(record)}`)]
    case 'remembered':
      return [title(record, 'good', `by the answer to ${id(record)}, which was remembered${whyOf(record)}`)]
    default:
      return [title(record, 'bad', `${id(record)}: ${plain(record, 'state')}`)]
  }
}

function waitingLines(record: LogRecord): TimelineLine[] {
  const held = textOf(record, 'heldUntil')
  // A repetition of what was queued is held by nobody.
  const how = held === null ? 'was asked before' : `held until ${visible(held)}`
  return [
    title(record, 'plain', `${id(record)} waits for a person: ${how}${until(record)}`),
    ...demandLines(recordOf(record, 'demand')),
  ]
}

function demandLines(demand: LogRecord): TimelineLine[] {
  const each = demand['each']
  const rules = Array.isArray(each) ? each.filter(isRecord) : [demand]
  const typed = textOf(demand, 'confirm') === 'type' ? ', confirmed by typing' : ''
  const proof = `proven by ${plain(demand, 'proof')}${typed}`
  return rules.map((rule) => {
    const name = textOf(rule, 'rule')
    const of = name === null ? '' : `${visible(name)}: `
    return line('quiet', `${INDENT}${of}for ${whomOf(rule)}, ${proof}`)
  })
}

function whomOf(rule: LogRecord): string {
  const by = recordOf(rule, 'by')
  const named = [...textsOf(by, 'groups'), ...textsOf(by, 'emails')].map((each) => visible(each))
  const whom = named.length === 0 ? 'anyone' : named.join(' or ')
  const count = numberOf(rule, 'count') ?? 1
  const people = count > 1 ? `, ${count} of them` : ''
  return `${whom}${people}${rule['notSelf'] === true ? ', not for whoever asks' : ''}`
}

function approvedLines(record: LogRecord): TimelineLine[] {
  const receipt = recordOf(record, 'receipt')
  const proof = plain(recordOf(receipt, 'proof'), 'kind')
  const lines = [title(record, 'good', `${id(record)} is approved by ${giver(record)}, proven by ${proof}`)]
  const edited = textOf(recordOf(receipt, 'edited'), 'arguments')
  if (edited !== null) lines.push(line('warn', `${INDENT}with other arguments: ${shown(edited)}`))
  const remember = recordOf(receipt, 'remember')
  const count = numberOf(remember, 'count')
  if (count !== null)
    lines.push(line('warn', `${INDENT}for ${count} such calls, until ${plain(remember, 'until')}`))
  return lines
}

function deniedLines(record: LogRecord): TimelineLine[] {
  // A no is proven by nothing, so that is whom it names.
  const lines = [title(record, 'bad', `${id(record)} is denied by ${giver(record)}`)]
  const text = textOf(record, 'text')
  if (text !== null) lines.push(line('plain', `${INDENT}who wrote: ${shown(text)}`))
  return lines
}

function giver(record: LogRecord): string {
  const by = record['by']
  if (!isRecord(by)) return plain(record, 'by')
  const issuer = textOf(by, 'issuer') ?? '?'
  const name = visible(textOf(by, 'email') ?? textOf(by, 'sub') ?? '?')
  return issuer === 'local' ? name : `${name} of ${visible(issuer)}`
}

function title(record: LogRecord, tone: TimelineLine['tone'], text: string): TimelineLine {
  const exchange = `#${numberOf(record, 'exchange') ?? '?'}`.padEnd(3)
  return line(tone, `${clockTime(record)} ${exchange} ${text}`)
}

function id(record: LogRecord): string {
  return `approval ${plain(record, 'approval')}`
}

function until(record: LogRecord): string {
  const expires = textOf(record, 'expires')
  return expires === null ? '' : `, may be answered until ${visible(expires)}`
}

function whyOf(record: LogRecord): string {
  const why = textOf(record, 'why')
  return why === null ? '' : `: ${visible(why)}`
}

function shown(text: string): string {
  return visible(text.length <= TEXT_LENGTH ? text : `${text.slice(0, TEXT_LENGTH)}…`)
}

function plain(record: LogRecord, name: string): string {
  return visible(textOf(record, name) ?? '?')
}
