import type { Demand } from '../approval.ts'
import { whoInWords } from './who.ts'

/** Says who must answer before a call is sent, and how, a line for each thing that a person wants to know. */
export function describeDemand(demand: Demand): string[] {
  const { proof, confirm, waitMs, onTimeout, timeoutMs, validMs, edit, remember, messages } = demand
  const typed = confirm === 'type' ? ', who types a word of the call' : ''
  const then = onTimeout === 'deny' ? 'denied' : `queued, until ${timeOf(timeoutMs)} after it was asked`
  const again = remember === null ? '' : `${remember.count} times within ${timeOf(remember.forMs)}`
  return [
    ...demand.each.map(describeOne),
    `${PROVEN[proof]}${typed}`,
    `held for ${timeOf(waitMs)}, then ${then}; an answer counts for ${timeOf(validMs)}`,
    ...(edit ? ['the arguments may be changed while it is held'] : []),
    ...(again === '' ? [] : [`an answer may cover the same call ${again}`]),
    ...messages.map((message) => `says: ${message}`),
  ]
}

const PROVEN = {
  terminal: 'proven by `terminal`: somebody at a terminal of this user',
  key: 'proven by `key`: the owner of an SSH key of `people`',
  oidc: 'proven by `oidc`: somebody who signs in anew',
} as const

function describeOne({ by, notSelf, count, rule }: Demand['each'][number]): string {
  const people = count === 1 ? 'one person' : `${count} people`
  const whom = by === null || by === 'everyone' ? '' : ` of ${whoInWords(by)}`
  return `${people}${whom}${notSelf ? ', not who asks' : ''} (${rule})`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

// As a policy writes it: in the largest unit that leaves no rest.
function timeOf(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0) ?? ['s', 1000]
  return `${ms / size}${unit}`
}
