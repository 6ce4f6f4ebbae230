import { describe, expect, it } from 'vitest'
import { examine } from '../../../src/cli/approvals/examine.ts'
import { callLines } from '../../../src/cli/screens/call-lines.ts'
import { askedEntry, NOW, policyOf } from '../approvals/an-asked-question.ts'

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
