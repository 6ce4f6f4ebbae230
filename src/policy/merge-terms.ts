import { type AskTerms, type Demand, PROOFS, type ProofKind } from '../approval.ts'
import type { Rule } from './rule.ts'

/**
 * Merges what the rules want that ask about one call: the strongest proof, the shortest times, `deny` before `queue`,
 * typing before a key; edited and remembered only where all say so. Whom each wants is kept apart, because each is met by
 * its own answers.
 */
export function mergeTerms(rules: readonly Pick<Rule, 'ref' | 'ask'>[]): Demand {
  const terms = rules.flatMap(({ ref, ask }) => (ask === null ? [] : [{ ...ask, rule: ref }]))
  return {
    proof: terms.map(({ proof }) => proof).reduce(stronger, 'terminal'),
    confirm: terms.some(({ confirm }) => confirm === 'type') ? 'type' : 'key',
    waitMs: Math.min(...terms.map(({ waitMs }) => waitMs)),
    onTimeout: terms.some(({ onTimeout }) => onTimeout === 'deny') ? 'deny' : 'queue',
    timeoutMs: Math.min(...terms.map(({ timeoutMs }) => timeoutMs)),
    validMs: Math.min(...terms.map(({ validMs }) => validMs)),
    edit: terms.every(({ edit }) => edit),
    remember: mergeRemember(terms),
    each: terms.map(({ by, notSelf, count, rule }) => ({ by, notSelf, count, rule })),
    messages: [...new Set(terms.flatMap(({ message }) => (message === null ? [] : [message])))],
  }
}

/** Says whether a proof is at least as strong as the one that is wanted. */
export function isAtLeast(proof: ProofKind, wanted: ProofKind): boolean {
  return PROOFS.indexOf(proof) >= PROOFS.indexOf(wanted)
}

function stronger(a: ProofKind, b: ProofKind): ProofKind {
  return isAtLeast(a, b) ? a : b
}

function mergeRemember(terms: readonly AskTerms[]): Demand['remember'] {
  const all = terms.flatMap(({ remember }) => (remember === null ? [] : [remember]))
  if (all.length < terms.length) return null
  return {
    count: Math.min(...all.map(({ count }) => count)),
    forMs: Math.min(...all.map(({ forMs }) => forMs)),
  }
}
