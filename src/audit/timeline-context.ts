import { visible } from '../visible.ts'
import { isRecord, type LogRecord, numberOf, recordOf, textOf, textsOf } from './log-record.ts'
import { clockTime, line, type TimelineLine } from './timeline-line.ts'

/** Tells what a session's header says: which one it is, what was run, where. */
export function headerLines(record: LogRecord): TimelineLine[] {
  const server = recordOf(record, 'server')
  const command = textsOf(server, 'command')
    .map((arg) => visible(arg))
    .join(' ')
  const name = textOf(server, 'name')
  const at = textOf(record, 'at') ?? '?'
  return [
    line('title', `session ${plain(record, 'session')}, number ${numberOf(record, 'number') ?? '?'}`),
    line('plain', `started     ${visible(at)}`),
    line('plain', `server      ${name === null ? 'not named in the policy' : visible(name)}: ${command}`),
    line(
      'plain',
      `machine     ${plain(record, 'osUser')} on ${plain(record, 'host')}, hoopctl ${plain(record, 'hoopctl')}`,
    ),
    line('quiet', `device      ${plain(record, 'device')}`),
  ]
}

/** Tells what a context record says: at the start as part of the head, later as a change. */
export function contextLines(record: LogRecord): TimelineLine[] {
  const cause = textOf(record, 'cause') ?? '?'
  const lines: TimelineLine[] = []
  if ('subject' in record)
    lines.push(line('plain', `subject     ${subjectText(record['subject'], recordOf(record, 'subject'))}`))
  if (isRecord(record['client']))
    lines.push(line('plain', `client      ${clientText(recordOf(record, 'client'))}`))
  if ('policy' in record) lines.push(policyLine(recordOf(record, 'policy')))
  const { grants } = record
  if (Array.isArray(grants)) lines.push(line('plain', `grants      ${grantsText(grants)}`))
  if (cause === 'start') return lines
  if (lines.length === 0) return [line('plain', `${clockTime(record)} ${visible(cause)}`)]
  const because = cause === 'client' ? '' : ` (${visible(cause)})`
  return lines.map(({ text, tone }) => line(tone, `${clockTime(record)} ${text}${because}`))
}

function subjectText(written: unknown, subject: LogRecord): string {
  if (written === null) return 'nobody is signed in'
  const issuer = textOf(subject, 'issuer') ?? '?'
  const name = textOf(subject, 'email') ?? textOf(subject, 'sub') ?? '?'
  const groups = textsOf(subject, 'groups').map((group) => visible(group))
  const from =
    issuer === 'local' ? 'the user of this computer, nobody signed in' : `signed in at ${visible(issuer)}`
  return `${visible(name)}, ${from}${groups.length === 0 ? '' : `; groups: ${groups.join(', ')}`}`
}

function clientText(client: LogRecord): string {
  return `${plain(client, 'name')} ${plain(client, 'version')} (as it calls itself)`
}

function policyLine(policy: LogRecord): TimelineLine {
  const version = numberOf(policy, 'version')
  const signed = policy['signed'] === true
  const name = `${plain(policy, 'name')}${version === null ? '' : ` version ${version}`}`
  const trust = signed ? 'signed' : 'not signed: anyone who may write the file may change it'
  return line(
    signed ? 'plain' : 'warn',
    `policy      ${name}, ${trust}; digest ${plain(policy, 'digest').slice(0, 12)}`,
  )
}

function grantsText(grants: readonly unknown[]): string {
  const each = grants.filter(isRecord).map((grant) => {
    const expires = textOf(grant, 'expires')
    const reason = textOf(grant, 'reason')
    const until = expires === null ? '' : ` until ${visible(expires)}`
    return `${plain(grant, 'name')}${until}${reason === null ? '' : ` (${visible(reason)})`}`
  })
  return each.length === 0 ? 'none active' : each.join(', ')
}

function plain(record: LogRecord, name: string): string {
  return visible(textOf(record, name) ?? '?')
}
