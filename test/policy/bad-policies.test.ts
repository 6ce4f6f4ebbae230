import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { problemsOf } from './a-policy.ts'

// Each case: what is given, the bad sections (they begin on line 4 of the file), what helps, and all that is printed.
const CASE =
  /^=== (?<given>.*)\n(?<write>[^]*?)\n--- instead\n(?<instead>[^]*?)\n--- says\n(?<says>[^]*?)(?=\n===|\n?$(?![^]))/gmu
const TEXT = readFileSync(new URL('bad-policies.txt', import.meta.url), 'utf8')
const CASES = [...TEXT.matchAll(CASE)].map(({ groups = {} }) => ({
  given: groups['given'] ?? '',
  write: groups['write'] ?? '',
  instead: groups['instead'] ?? '',
  says: groups['says'] ?? '',
}))

describe('a bad policy', () => {
  it('given the file of cases, reads each of them', () => {
    expect(CASES).toHaveLength(TEXT.split('\n').filter((line) => line.startsWith('=== ')).length)
  })

  it.each(CASES)('given $given, says where and what to do', async ({ write, says }) => {
    expect(await problemsOf(write)).toBe(says)
  })

  it.each(CASES)('given what helps against $given, loads', async ({ instead }) => {
    expect(await problemsOf(instead)).toBe('')
  })
})
