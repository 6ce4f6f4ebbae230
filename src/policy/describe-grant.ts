import type { Condition } from './condition.ts'
import type { Grant } from './policy.ts'
import type { MatcherKind, Rule } from './rule.ts'
import { whoInWords } from './who.ts'

/** Says what a grant gives, a line for each of its rules: `may call the tools \`a\`, \`b\``, and for how many calls. */
export function describeGrant({ rules, uses }: Grant): string[] {
  const most =
    uses === null ? [] : [`for ${uses} ${uses === 1 ? 'call' : 'calls'} at most, in all sessions together`]
  return [...rules.flatMap(describeRule), ...most]
}

/** Says who must agree before a grant is active: `another person of the group …`; null: nobody. */
export function whoAgrees({ activate: { approval } }: Pick<Grant, 'activate'>): string | null {
  if (approval === null) return null
  const { by, count } = approval
  const people = count === 1 ? 'another person' : `${count} other people`
  return by === null || by === 'everyone' ? people : `${people} of ${whoInWords(by)}`
}

const OPENINGS = { allow: 'may', ask: 'may, once a person agrees,', deny: 'must not' } as const

const ACTS: Readonly<Record<MatcherKind, readonly [string, string, string]>> = {
  tool: ['call the tool', 'call the tools', 'call any tool'],
  resource: ['read', 'read', 'read any resource'],
  prompt: ['get the prompt', 'get the prompts', 'get any prompt'],
  serverRequest: ['let the server ask for', 'let the server ask for', 'let the server ask for anything'],
}

// A verb's entries may each have a condition: those that share one are told together.
function describeRule({ effect, kind, covers, when }: Rule): string[] {
  const byCondition = new Map<Condition | null, string[]>()
  let all = false
  for (const { pattern, when: own } of covers) {
    const texts = byCondition.get(own) ?? []
    byCondition.set(own, texts)
    texts.push(pattern.text)
    if (pattern.all && own === null) all = true
  }
  const [one, several, any] = ACTS[kind]
  return [...byCondition].map(([own, texts]) => {
    const conditions = [own, when].flatMap((condition) =>
      condition === null ? [] : [oneLine(condition.source)],
    )
    const condition = conditions.length === 0 ? '' : ` if ${conditions.join(' and ')}`
    const names = texts.map((text) => `\`${text}\``).join(', ')
    const act = all && own === null ? any : `${texts.length === 1 ? one : several} ${names}`
    return `${OPENINGS[effect]} ${act}${condition}`
  })
}

function oneLine(source: string): string {
  return source.replace(/\s+/gu, ' ').trim()
}
