import type { AskTerms } from '../approval.ts'
import type { Person } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { Rule } from './rule.ts'
import { isOneOf, whoInWords } from './who.ts'

/** Looks at all rules that ask for what nobody can ever answer. */
export function checkAsks(rules: readonly Rule[], people: readonly Person[], problems: ProblemList): void {
  for (const { ask, kind, ref, offset } of rules) {
    if (ask === null) continue
    const warn = (message: string, hint: string) => problems.warn(offset, `\`${ref}\` ${message}`, hint)
    if (kind === 'serverRequest') {
      warn('asks about what a server requests: nobody can be asked there, so it is denied', 'write `deny`')
    } else {
      warnOfTerms(ask, people, warn)
    }
  }
}

/** Warns of terms that nobody, or not enough people, can ever meet. */
export function warnOfTerms(terms: AskTerms, people: readonly Person[], warn: Warn): void {
  if (terms.proof === 'key') warnOfKeys(terms, people, warn)
  else warnOfEmails(terms, warn)
}

type Warn = (message: string, hint: string) => void

function warnOfKeys({ by, count }: AskTerms, people: readonly Person[], warn: Warn): void {
  const may = people.filter((person) => person.keys.length > 0 && isOneOf(by ?? 'everyone', person)).length
  // Without any people the policy does not load, and says so.
  if (may >= count || people.length === 0) return
  const hint = 'add `groups` or `email` to those of `people` who may answer'
  if (by !== null && may === 0) {
    warn(`is for ${whoInWords(by)} to answer: none of \`people\` is, so no key can answer it`, hint)
  } else {
    warn(
      `wants ${count === 1 ? 'a person' : `${count} people`}, and the keys here are of ${may} who may answer`,
      'lower `count`, or add people',
    )
  }
}

function warnOfEmails({ by, count }: AskTerms, warn: Warn): void {
  if (by === null || by === 'everyone' || by.groups.length > 0) return
  const named = new Set(by.emails).size
  if (named > 0 && named < count)
    warn(`wants ${count} people, and \`by\` names ${named}`, 'lower `count`, or name more people')
}
