import { describe, expect, it } from 'vitest'
import { ExaminedCalls } from '../../../src/cli/approvals/examined-calls.ts'
import type { InboxEntry } from '../../../src/cli/approvals/inbox.ts'
import { askedEntry, NOW, policyOf } from './an-asked-question.ts'

async function examined(waiting: readonly InboxEntry[]) {
  const own = { kind: 'policy', policy: await policyOf(), me: null, browser: true } as const
  const inbox = { waiting: () => waiting } as never
  return new ExaminedCalls({ inbox, own: () => own }).now(NOW)
}

describe('ExaminedCalls', () => {
  it('given a question that only says it has the challenge of another, shows the other in either order', async () => {
    const sound = askedEntry({ device: 'known' })
    const { challenge } = sound.question
    const other = askedEntry({ args: '{}', device: 'new' })
    const lying = { ...other, question: { ...other.question, challenge } }
    for (const waiting of [
      [sound, lying],
      [lying, sound],
    ]) {
      const shown = await examined(waiting)
      expect(shown).toMatchObject([{ entry: { device: 'known' }, faults: [], offer: { kind: 'approve' } }])
    }
  })

  it('given two questions under one id, offers no yes to either; given one of them alone, does', async () => {
    const both = [askedEntry(), askedEntry({ args: '{}', device: 'new' })]
    const why = 'two calls come under this id: somebody writes the store who should not'
    const refused = { kind: 'deny-only', code: 'APPROVAL_ALTERED', why }
    expect((await examined(both)).map(({ offer }) => offer)).toEqual([refused, refused])
    expect(await examined(both.slice(0, 1))).toMatchObject([{ offer: { kind: 'approve' } }])
  })
})
