import type { Question } from '../../approval.ts'
import { callDigest, challengeOf } from '../../call-digest.ts'
import { sha256 } from '../../digest.ts'
import { parseJson } from '../../json-parse.ts'
import { parseStrictJson } from '../../strict-json.ts'
import { callOf } from './own-decision.ts'
import { grantFaults, isAboutGrants } from './own-grants.ts'

/**
 * Computes digests and challenge from what is shown, and names each thing that is not what arrived. None of them is ever
 * signed as it came. Each is one clause; empty: all is as it should be.
 */
export function questionFaults(question: Question): readonly string[] {
  const read = parseStrictJson(Buffer.from(question.params), { fold: false })
  if (!read.ok) return [`its parameters are not sound JSON: ${read.why}`]
  if (typeof read.value !== 'object' || read.value === null || Array.isArray(read.value))
    return ['its parameters are no object']
  if (isAboutGrants(question))
    return [...grantFaults(question), ...digestFaults(question), ...requesterFaults(question)]
  const call = callOf(question)
  if (call === null) return [`its method is none that people are asked about`]
  const named = call.kind === 'resource' ? null : call.name
  return [...definitionFaults(question, named), ...digestFaults(question), ...requesterFaults(question)]
}

function definitionFaults({ definition, definitionText }: Question, tool: string | null): string[] {
  if (definitionText === null) return definition === null ? [] : ['the definition of its tool is not there']
  if (sha256(definitionText) !== definition) return ['the definition of its tool is another one']
  return nameIn(definitionText) === tool ? [] : ['the definition is that of another tool']
}

function nameIn(definitionText: string): unknown {
  try {
    const value = parseJson(definitionText)
    return typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
  } catch {
    return undefined
  }
}

function digestFaults(question: Question): string[] {
  const call = callDigest(question)
  const { approval, device, random, expires } = question
  const challenge = challengeOf({ call, approval, device, random, expires, remember: null })
  if (call !== question.call) return ['the call that arrived is not the call that was asked about']
  return challenge === question.challenge ? [] : ['the challenge is not the one of this call']
}

function requesterFaults({ requester, claims: { subject } }: Question): string[] {
  const same = requester.issuer === subject.issuer && requester.sub === subject.sub
  return same ? [] : ['whoever is said to ask is not whom an answer is bound to']
}
