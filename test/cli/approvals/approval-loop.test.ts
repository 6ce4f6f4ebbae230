import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApprovalLoop } from '../../../src/cli/approvals/approval-loop.ts'
import type { ApproveParts } from '../../../src/cli/approvals/approve-parts.ts'
import type { InboxEntry } from '../../../src/cli/approvals/inbox.ts'
import type { Display, FromTerminal } from '../../../src/cli/screens/terminal-display.tsx'
import { fakeContext } from '../fake-context.ts'
import { askedEntry, policyOf } from './an-asked-question.ts'

let nowMs = 0
beforeEach(() => {
  nowMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})
afterEach(() => void vi.restoreAllMocks())

const QUICK = { text: 'nothing', ms: 0, stay: false }

/** A screen that takes so long to draw a text, and the person in front of it. What was answered stays there where others must answer too. */
async function atScreen(first: readonly InboxEntry[], { text: slow, ms, stay } = QUICK) {
  const policy = await policyOf()
  let entries = first
  const [answered, listeners]: [string[], (() => void)[]] = [[], []]
  let from: FromTerminal | null = null
  const display: Display = {
    size: () => ({ columns: 80, rows: 24 }),
    isReader: true,
    draw(lines) {
      if (lines.flat().some(({ text }) => text.includes(slow))) nowMs += ms
      return Promise.resolve()
    },
    tell: () => undefined,
    leave: () => Promise.resolve(),
  }
  const parts: ApproveParts = {
    own: () => ({ kind: 'policy', policy, me: null, browser: false }),
    name: 'bob',
    whose: 'It looks at those of the user bob in /state.',
    catchUp: async () => undefined,
    prove: (_kind, signature) =>
      Promise.resolve({ proof: { kind: 'terminal', user: 'bob', signature }, approver: null }),
    inbox: {
      waiting: () => entries.filter(({ question }) => stay || !answered.includes(question.params)),
      remembered: () => [],
      ended: () => null,
      onChange: (call) => {
        listeners.push(call)
        return () => undefined
      },
      answer: ({ question }) => {
        answered.push(question.params)
        return Promise.resolve('taken')
      },
      forget: () => undefined,
      close: () => undefined,
    },
  }
  const loop = new ApprovalLoop(null, parts, fakeContext().context, (terminal) => {
    from = terminal
    return display
  })
  const over = loop.run()
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return {
    answered,
    put(next: readonly InboxEntry[]) {
      entries = next
      for (const call of listeners) call()
    },
    async press(text: string) {
      from?.onKeys([{ name: 'character', text, alone: true }])
      await settled()
    },
    settled,
    async quit() {
      from?.onKeys([{ name: 'character', text: 'q', alone: true }])
      await over
    },
  }
}

describe('a call that takes long to draw', () => {
  it('given a key that was pressed while it was drawn, does not approve it; given one after 0.3 s, does', async () => {
    const [small, large] = [askedEntry(), askedEntry({ id: 'A-0000000A', args: '{"path":"/large"}' })]
    const at = await atScreen([small], { ...QUICK, text: '/large', ms: 2500 })
    await at.settled()
    nowMs += 1000
    at.put([large])
    await at.press('a')
    expect(at.answered).toEqual([])
    nowMs += 300
    await at.press('a')
    expect(at.answered).toEqual([large.question.params])
    await at.quit()
  })
})

describe('a key that is held down', () => {
  it.each([
    [30, 30],
    [250, 30],
    [900, 30],
    [1000, 500],
    [1800, 1800],
  ])(
    'given that it repeats after %i ms and then each %i, approves one call; let go and pressed again, the next',
    async (delayMs, eachMs) => {
      const calls = ['A-00000001', 'A-00000002', 'A-00000003'].map((id) =>
        askedEntry({ id, args: `{"path":"/${id}"}` }),
      )
      const at = await atScreen(calls)
      await at.settled()
      nowMs += 1000
      await at.press('a')
      nowMs += delayMs
      for (let turn = 0; turn < 100; turn++) {
        await at.press('a')
        nowMs += eachMs
      }
      expect(at.answered).toHaveLength(1)
      nowMs += 2000
      await at.press('a')
      expect(at.answered).toHaveLength(2)
      await at.quit()
    },
  )
})

describe('a call that waits on after its answer', () => {
  const calls = ['A-00000001', 'A-00000002', 'A-00000003'].map((id) =>
    askedEntry({ id, args: `{"path":"/${id}"}`, state: 'queued' }),
  )
  const params = calls.map(({ question }) => question.params)

  it('given a yes, goes on to the next one that this person has not answered, until there is none', async () => {
    const at = await atScreen(calls, { ...QUICK, stay: true })
    await at.settled()
    await at.press('j')
    for (let turn = 0; turn < 4; turn++) {
      nowMs += 2000
      await at.press('a')
    }
    const [first, second, third] = params
    expect(at.answered).toEqual([second, third, first, first])
    await at.quit()
  })

  it('given one that was answered at this screen before, passes it by', async () => {
    const [first, second, third] = calls
    if (first === undefined || second === undefined || third === undefined) throw new Error('three calls')
    const no = { kind: 'deny', approval: 'A-00000002', by: 'bob', message: null, at: '' } as const
    const at = await atScreen([first, { ...second, from: 'team', answers: [no] }, third], {
      ...QUICK,
      stay: true,
    })
    await at.settled()
    for (let turn = 0; turn < 2; turn++) {
      nowMs += 2000
      await at.press('a')
    }
    expect(at.answered).toEqual([first.question.params, third.question.params])
    await at.quit()
  })
})
