import { describe, expect, it } from 'vitest'
import { problemsOf } from './a-policy.ts'
import { BAD_POLICIES } from './bad-policies.ts'

describe('a bad policy', () => {
  it.each(BAD_POLICIES)('given $given, says where and what to do', async ({ write, says }) => {
    expect(await problemsOf(write)).toBe(says)
  })

  it.each(BAD_POLICIES)('given what helps against $given, loads', async ({ instead }) => {
    expect(await problemsOf(instead)).toBe('')
  })
})
