import type { Question } from '../../approval.ts'
import type { Examined } from '../approvals/examine.ts'
import type { Sight } from './call-lines.ts'
import { inGutter } from './foreign-text.ts'
import { type Line, span } from './line.ts'
import { age } from './time-left.ts'
import { wrapped } from './wrapped.ts'

/** Shows what only the requester says: nothing here can be computed from the call. */
export function claimLines({ entry }: Examined, { width, now }: Sight): readonly Line[] {
  const { question, from } = entry
  const { claims, label } = question
  const { subject, client, grants, note } = claims
  const who = subject.email ?? subject.sub
  const groups = subject.groups.length === 0 ? '' : `, in ${subject.groups.join(', ')}`
  const lines = [
    `asked ${age(question, now)}, after ${claims.calls} decided ${claims.calls === 1 ? 'call' : 'calls'}`,
    `for ${who}${groups}`,
    `signed in at ${subject.issuer}`,
    client === null ? 'by a client that has not said its name' : `by ${client.name} ${client.version}`,
    `the server is called ${label}`,
    grants.length === 0 ? 'no grant is active' : `active: ${grants.join(', ')}`,
    ...earlier(question),
  ]
  const device = from === 'team' ? [`from the device ${question.device}`] : []
  const noted = note === null ? [] : inGutter(note, width).map(warned)
  return [
    ...wrapped([span('Claimed by the requester', 'title')], width),
    ...noted,
    ...[...lines, ...device].flatMap((line) => inGutter(line, width)),
  ]
}

function warned(line: Line): Line {
  return line.map((piece, index) => (index > 0 && piece.tone === 'plain' ? span(piece.text, 'warn') : piece))
}

function earlier({ claims }: Question): readonly string[] {
  if (claims.earlier.length === 0) return ['it called nothing just before']
  const calls = claims.earlier.map(({ at, what, effect }) => `  ${at.slice(11, 19)}Z ${effect} ${what}`)
  return ['just before, it called', ...calls]
}
