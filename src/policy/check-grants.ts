import { warnOfTerms } from './check-asks.ts'
import type { Grant, Person } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import { type Cover, isUnconditional, type Rule } from './rule.ts'

/** Looks at all grants for what is allowed and probably not meant. */
export function checkGrants(
  grants: readonly Grant[],
  { signsIn, people }: { readonly signsIn: boolean; readonly people: readonly Person[] },
  problems: ProblemList,
): void {
  grants.forEach((grant, index) => {
    const offset = problems.offset(['grants', index, 'name'])
    const warn = (message: string, hint: string) =>
      problems.warn(offset, `\`${grant.name}\` ${message}`, hint)
    if (!signsIn && grant.who !== 'everyone' && grant.who.groups.length + grant.who.emails.length > 0) {
      const hint = 'add `identity`, or write `who: everyone`'
      warn('is for nobody: without `identity` nobody has groups or an email', hint)
    }
    const { approval } = grant.activate
    if (approval !== null) warnOfTerms(approval, people, warn)
    if (grant.activate.mode === 'session') warnOfSession(grant, signsIn, warn)
  })
}

function warnOfSession(grant: Grant, signsIn: boolean, warn: (message: string, hint: string) => void): void {
  const hint = 'use `mode: request` for what changes things'
  if (signsIn && grant.who === 'everyone') {
    warn('starts with every `wrap` of everyone who can sign in', 'name groups or emails under `who`')
  }
  const pattern = firstWrite(grant)
  if (pattern !== null) warn(`starts with \`wrap\`, and allows more than reading: \`${pattern}\``, hint)
}

function firstWrite({ rules }: Grant): string | null {
  for (const rule of rules) {
    if (rule.effect !== 'allow' || rule.kind !== 'tool') continue
    // A condition may make a `query` one that reads, never a `refund`, and never all that there is.
    const cover = rule.covers.find((each) => {
      const { all, text } = each.pattern
      if (all) return true
      return isAboutCall(rule, each) ? looksLikeChange(text) : !looksLikeReading(text)
    })
    if (cover !== undefined) return cover.pattern.text
  }
  return null
}

// Who asks, by which client and when, say nothing of what a call does.
const CIRCUMSTANCES = new Set(['subject', 'client', 'server', 'session', 'now'])

function isAboutCall(rule: Rule, cover: Cover): boolean {
  if (isUnconditional(rule, cover)) return false
  const reads = [rule.when, cover.when].flatMap((condition) => [...(condition?.reads ?? [])])
  return reads.some((name) => !CIRCUMSTANCES.has(name))
}

const READING = new Set(
  (
    'browse cat check count describe diff explain fetch find get grep head help info inspect list lookup ls overview ' +
    'peek ping preview read resolve retrieve search show stat status summarize summary tail tree validate view watch who'
  ).split(' '),
)
const CHANGING = new Set(
  (
    'add append apply approve archive assign cancel change clean clear close copy create delete deploy destroy disable drop ' +
    'edit enable erase execute exec flush grant import insert install invoke kill merge modify move overwrite patch post publish ' +
    'purge push pay put refund remove rename replace reset restart restore revoke rm rollback rotate run save send set shutdown ' +
    'start stop submit terminate transfer trigger truncate uninstall update upload upsert wipe write'
  ).split(' '),
)

// Names promise nothing: this is for warnings only.
function looksLikeReading(pattern: string): boolean {
  return wordsOf(pattern).some((word) => READING.has(word)) && !looksLikeChange(pattern)
}

function looksLikeChange(pattern: string): boolean {
  return wordsOf(pattern).some((word) => CHANGING.has(word))
}

function wordsOf(pattern: string): string[] {
  return pattern
    .replace(/([a-z0-9])([A-Z])/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
}
