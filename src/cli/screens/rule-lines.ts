import type { Demand } from '../../approval.ts'
import { whoInWords } from '../../policy/who.ts'
import { visible } from '../../visible.ts'
import type { Examined } from '../approvals/examine.ts'
import { counted } from '../counted.ts'
import { type Line, span } from './line.ts'
import { wrapped } from './wrapped.ts'

/** Says why somebody is asked: the rules of the own policy, their reasons, and what they want. */
export function ruleLines(
  { decision, policyDiffers, entry, offer }: Examined,
  width: number,
): readonly Line[] {
  const { policy } = entry.question
  const lines: Line[] = [[span('Why you are asked', 'title')]]
  for (const rule of decision?.rules ?? []) lines.push([span(`  rule ${visible(rule)}`)])
  for (const reason of decision?.reasons ?? []) lines.push([span(`  ${visible(reason)}`)])
  for (const message of decision?.demand?.messages ?? []) lines.push([span(`  ${visible(message)}`)])
  if (decision?.demand !== undefined) lines.push(...demandLines(decision.demand, entry.answers.length))
  if (offer.kind === 'approve' && offer.hindrance !== null) lines.push([span(`  ${offer.hindrance}`, 'warn')])
  if (decision === null) lines.push([span('  what your policy says of it cannot be told', 'warn')])
  const version = policy.version === null ? '' : ` ${policy.version}`
  const signed = policy.signed ? 'signed' : 'not signed'
  if (policyDiffers === null) lines.push([span(`  policy ${visible(policy.name)}${version}, ${signed}`)])
  else lines.push([span(`  ${policyDiffers}`, 'warn')])
  return lines.flatMap((line) => wrapped(line, width))
}

const PROOFS = {
  terminal: 'proven by being at this terminal',
  key: 'proven with your SSH key',
  oidc: 'proven by signing in anew',
} as const

function demandLines({ each, proof }: Demand, answers: number): Line[] {
  const named = each.filter(({ by, count, notSelf }) => by !== null || count > 1 || notSelf)
  const lines = named.map(({ by, count, notSelf, rule }) => {
    const who = by === null ? 'anybody' : whoInWords(by)
    const others = notSelf ? ', not whoever asks' : ''
    const times = count > 1 ? `, ${count} people` : ''
    return [span(`  ${visible(rule)} asks ${visible(who)}${others}${times}`)]
  })
  const there = answers === 0 ? [] : [[span(`  ${counted(answers, 'answer')} so far`)]]
  return [...lines, ...there, [span(`  ${PROOFS[proof]}`)]]
}
