import { describe, expect, it } from 'vitest'
import { ageUnder } from '../../../src/cli/prune/prune-age.ts'
import { AUDIT } from '../../audit/a-log.ts'

const DAY_MS = 86_400_000
const policy = (signed: boolean, retainDays: number | null) => {
  return { name: 'acme', signed, audit: { ...AUDIT, retainMs: retainDays && retainDays * DAY_MS } }
}

describe('how old a session must be', () => {
  it.each([
    ['a policy that says it', false, 90, null, 90],
    ['a signed one that says it', true, 90, null, 90],
    ['a longer time under a signed one', true, 90, 91, 91],
    ['the same time under a signed one', true, 90, 90, 90],
    ['a shorter time under one that is not signed', false, 90, 1, 1],
    ['a time under one that is not signed and says none', false, null, 1, 1],
  ])('given %s, goes by it', (_, signed, retained, asked, days) => {
    expect(ageUnder(policy(signed, retained), asked && asked * DAY_MS)).toBe(days * DAY_MS)
  })

  it.each([
    ['a shorter time under a signed policy', true, 90, 89, 'the signed policy `acme` keeps sessions for 90d'],
    [
      'a time under a signed one that keeps them for ever',
      true,
      null,
      900,
      'the signed policy `acme` keeps sessions for ever',
    ],
    ['no time at all', false, null, null, 'the policy `acme` does not say how long sessions are kept'],
    [
      'no time under a signed one',
      true,
      null,
      null,
      'the signed policy `acme` does not say how long sessions are kept',
    ],
  ])('given %s, refuses', (_, signed, retained, asked, message) => {
    const age = () => ageUnder(policy(signed, retained), asked && asked * DAY_MS)
    expect(age).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', message }))
  })
})
