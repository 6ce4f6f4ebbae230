import type { Comparison } from '../../audit/evidence/compare-log.ts'
import type { Verification } from '../../audit/verify-session.ts'
import type { HoopctlError } from '../../errors.ts'
import type { ConfirmedObject } from '../../records.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { painter } from '../paint.ts'
import type { Confirmation } from '../verify-receipts.ts'

/** What a destination was found to hold of a session, or why nobody can say now. */
export type HeldAt =
  | Comparison
  | { readonly destination: string; readonly state: 'unreachable'; readonly problem: string }

/** A verification, and what people call what was verified. */
export interface VerificationRow extends Verification {
  readonly name: string
  /** Its file; null: it has none of its own. */
  readonly path: string | null
  /** What its checkpoints say that destinations hold. */
  readonly confirmed: readonly ConfirmedObject[]
  readonly receipts: readonly Confirmation[]
  /** With `--remote`; else none. */
  readonly remote: readonly HeldAt[]
}

/** Says that nobody can tell now what a destination holds. */
export function unknownAt(destination: string, { message, hint }: HoopctlError): HeldAt {
  return { destination, state: 'unreachable', problem: `${message} (${hint})` }
}

/** Makes the row for what is wrong with a series of sessions and not with one of them. */
export function betweenSessions(name: string, problem: string): VerificationRow {
  return { ...BETWEEN, name, problem }
}

const BETWEEN = {
  path: null,
  ok: false,
  session: null,
  state: 'broken',
  device: null,
  deviceKnown: false,
  records: 0,
  signedTo: null,
  note: null,
  confirmed: [],
  receipts: [],
  remote: [],
} as const

/** Gives what programs read. */
export function forPrograms(row: VerificationRow): object {
  const { ok, session, state, device, deviceKnown, records, signedTo, problem, receipts, remote } = row
  return {
    ok,
    session,
    state,
    device,
    deviceKnown,
    records,
    signedTo,
    problem,
    ...(receipts.length === 0 ? {} : { receipts }),
    ...(remote.length === 0 ? {} : { remote }),
  }
}

/** Says it to people. */
export function inWords(row: VerificationRow, context: Context): string {
  const { name, ok, state, records, problem, note, receipts, remote } = row
  const paint = painter(context)
  const verdict = ok
    ? paint('good', `ok, ${state}`)
    : paint('bad', state === 'broken' ? 'broken' : 'not trusted')
  // What is wrong between sessions has no records of its own.
  const size = row.path === null ? '' : `, ${counted(records, 'record')}`
  const lines = [`${visible(name)}: ${verdict}${size}`]
  for (const text of state === 'broken' ? [problem] : [problem, note])
    if (text !== null) lines.push(`  ${visible(text)}`)
  for (const receipt of receipts) lines.push(`  ${receipt.note}`)
  for (const each of remote) lines.push(`  ${visible(each.destination)}: ${visible(heldThere(each))}`)
  return `${lines.join('\n')}\n`
}

function heldThere(at: HeldAt): string {
  if (at.state === 'unreachable' || at.problem !== null) return at.problem ?? ''
  const objects = counted(at.objects, 'object')
  if (at.state === 'whole') return `holds all of it, byte for byte (${objects})`
  return at.lines === 0
    ? 'holds nothing of it yet'
    : `holds its first ${counted(at.lines, 'line')}, byte for byte (${objects}), and not yet the rest`
}
