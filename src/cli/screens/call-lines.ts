import { counted } from '../counted.ts'
import { callFacts } from '../approvals/call-facts.ts'
import type { Examined } from '../approvals/examine.ts'
import type { InboxEntry } from '../approvals/inbox.ts'
import { laterBy } from '../../instant.ts'
import { bodyLines } from './body-lines.ts'
import { claimLines } from './claim-lines.ts'
import { inGutter } from './foreign-text.ts'
import { type Line, span } from './line.ts'
import { ruleLines } from './rule-lines.ts'
import { leftMs } from './time-left.ts'
import { durationInWords } from '../duration.ts'
import { wrapped } from './wrapped.ts'

/** What the lines of a call depend on besides the call. */
export interface Sight {
  readonly width: number
  /** Is nothing folded? */
  readonly all: boolean
  readonly now: Date
}

/**
 * Lays out one call: what will run first, then what is wrong with it, then why somebody is asked, and last what only the
 * requester says.
 */
export function callLines(examined: Examined, sight: Sight): readonly Line[] {
  const { width, all } = sight
  return [
    ...heading(examined, sight),
    ...whatRuns(examined, width),
    ...warnings(examined, width),
    ...bodyLines(examined, width, all),
    ...factLines(examined, width),
    ...ruleLines(examined, width),
    ...claimLines(examined, sight),
  ]
}

function heading({ entry, risk }: Examined, { now, width }: Sight): readonly Line[] {
  const left = durationInWords(leftMs(entry, now))
  const isHeld = entry.state === 'held'
  const waits = isHeld
    ? ` held, ${left} left to answer, then ${afterHold(entry)}`
    : ` queued, ${left} left to answer`
  const isHurry = isHeld && leftMs(entry, now) < 15_000
  const says = risk === null ? [] : [span('; its server says '), span(RISKS[risk].says, RISKS[risk].tone)]
  const { approval } = entry.question
  return wrapped([span(approval, 'title'), span(waits, isHurry ? 'warn' : 'plain'), ...says], width)
}

function afterHold({ question: { demand } }: InboxEntry): string {
  return demand.onTimeout === 'queue' ? 'queued' : 'denied'
}

const RISKS = {
  reads: { says: 'it only reads', tone: 'good' },
  writes: { says: 'it writes', tone: 'warn' },
  destroys: { says: 'it may destroy', tone: 'bad' },
} as const

function whatRuns({ what, entry }: Examined, width: number): readonly Line[] {
  const { server, method } = entry.question
  const called = method === 'tools/call' ? toolNamed(what) : method === what ? what : `${method} ${what}`
  const on = `on ${server.name ?? 'a command that the policy does not name'}`
  const command = server.name === null && server.command !== null ? inGutter(server.command, width) : []
  return [...inGutter(called, width).map(bold), ...inGutter(on, width), ...command]
}

// A server may give its tool a name that reads like another method with what that asks for.
function toolNamed(name: string): string {
  return /^[\w.-]+$/u.test(name) ? name : `the tool ${name}`
}

function bold([gutter, ...rest]: Line): Line {
  if (gutter === undefined) return []
  return [gutter, ...rest.map((piece) => (piece.tone === 'plain' ? span(piece.text, 'title') : piece))]
}

function warnings(examined: Examined, width: number): readonly Line[] {
  const { faults, entry, offer } = examined
  const facts = callFacts(examined)
  const lines: Line[] = faults.map((fault) => [
    span('ALTERED ', 'bad'),
    span(`${fault}: it cannot be approved`, 'bad'),
  ])
  if (faults.length === 0 && offer.kind === 'deny-only')
    lines.push([span(`CANNOT BE APPROVED: ${offer.why}`, 'bad')])
  if (entry.from === 'team' && entry.answers.length > 0)
    lines.push([span('you have answered it: whoever asks has not looked yet, or needs others too', 'good')])
  const until = passesUntil(entry)
  if (until !== null)
    lines.push([
      span(`approved: it passes when it is repeated, until ${until} UTC; a no takes that back`, 'good'),
    ])
  if (entry.device === 'new')
    lines.push([span('FIRST SIGHT of the device that asks for this person', 'warn')])
  if (entry.device === 'changed') lines.push([span('ANOTHER DEVICE than before asks for this person', 'bad')])
  if (facts !== null && facts.lookAlikes > 0)
    lines.push([
      span(
        `${counted(facts.lookAlikes, 'character')} ${facts.lookAlikes === 1 ? 'looks like another' : 'look like others'}: written as \\u{…}`,
        'warn',
      ),
    ])
  if (facts !== null && facts.unseen > 0)
    lines.push([span(`${counted(facts.unseen, 'character')} cannot be seen: written as \\u{…}`, 'warn')])
  return lines.flatMap((line) => wrapped([span('! ', 'bad'), ...line], width))
}

// Of one that needs several people, each of their answers is counted below.
function passesUntil({ from, state, answers, question: { demand } }: InboxEntry): string | null {
  if (from === 'team' || state !== 'queued' || demand.each.some(({ count }) => count > 1)) return null
  const last = answers.findLast((answer) => answer.kind === 'approve')
  if (last === undefined || demand.each.length > 1) return null
  return laterBy(new Date(last.receipt.at), demand.validMs).toISOString().slice(11, 16)
}

function factLines(examined: Examined, width: number): readonly Line[] {
  const facts = callFacts(examined)
  if (facts === null) return []
  const { bytes, members, longest } = facts
  const parts = [counted(members, 'argument'), `${bytes.toLocaleString('en')} bytes`]
  const text = longest === 0 ? [] : [`the longest text has ${counted(longest, 'character')}`]
  return wrapped([span([...parts, ...text].join(', '), 'quiet')], width)
}
