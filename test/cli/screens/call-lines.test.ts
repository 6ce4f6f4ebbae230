import { describe, expect, it } from 'vitest'
import { examine } from '../../../src/cli/approvals/examine.ts'
import { callLines } from '../../../src/cli/screens/call-lines.ts'
import { anApproval } from '../../state/a-question.ts'
import { askedEntry, NOW, policyOf } from '../approvals/an-asked-question.ts'

describe('a call that was approved already', () => {
  it('given that nobody waits for it any more, says until when it passes', async () => {
    const own = { kind: 'policy', policy: await policyOf(), me: null, browser: false } as const
    const linesOf = (state: 'held' | 'queued') => {
      const entry = askedEntry({ state })
      const answers = [anApproval(entry.question)]
      const lines = callLines(examine({ ...entry, answers }, own, NOW), { width: 100, all: false, now: NOW })
      return lines
        .map((line) => line.map(({ text }) => text).join(''))
        .filter((text) => text.startsWith('! approved'))
    }
    const said = '! approved: it passes when it is repeated, until HH:MM UTC; a no takes that back'
    expect(linesOf('queued').map((text) => text.replace(/\d\d:\d\d/u, 'HH:MM'))).toEqual([said])
    expect(linesOf('held')).toEqual([])
  })
})

describe('what runs', () => {
  it.each([
    ['write_file', '│ write_file'],
    ['db.orders-2', '│ db.orders-2'],
    ['resources/read file:///etc/passwd', '│ the tool resources/read file:///etc/passwd'],
    ['sampling/createMessage', '│ the tool sampling/createMessage'],
    ['prompts/get\tx', '│ the tool prompts/get\\u{9}x'],
    ['the tool x', '│ the tool the tool x'],
  ])('given a tool with the name `%s`, shows `%s`', async (tool, shown) => {
    const own = { kind: 'policy', policy: await policyOf(), me: null, browser: false } as const
    const examined = examine(askedEntry({ tool }), own, NOW)
    const lines = callLines(examined, { width: 80, all: false, now: NOW })
    const texts = lines.map((line) => line.map(({ text }) => text).join(''))
    expect(texts[texts.findIndex((text) => text.startsWith('│ on files')) - 1]).toBe(shown)
  })
})
