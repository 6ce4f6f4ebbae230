import { describe, expect, it } from 'vitest'
import type { Question } from '../../../src/approval.ts'
import { callDigest } from '../../../src/call-digest.ts'
import { receiptChecker } from '../../../src/cli/approvals/receipt-checker.ts'
import { aCall, after, aQuestion, aReceipt, players } from '../../identity/a-receipt.ts'
import { fakeContext } from '../fake-context.ts'
import { policyOf } from './an-asked-question.ts'

const ENDLESS = '^(a+)+$'
const ANYTHING = '^.*$'

/** What the shim finds of an edit, by the tool's schema, proven by the device that asked or by another. */
async function found({ pattern, forged }: { readonly pattern: string; readonly forged: boolean }) {
  const [people, others] = [players(), players()]
  const written = JSON.stringify({ to: `${'a'.repeat(50)}!` })
  const definitionText = JSON.stringify({ inputSchema: { properties: { to: { type: 'string', pattern } } } })
  const question = { ...aQuestion(people, { demand: { edit: true } }), definitionText } as unknown as Question
  const call = callDigest(aCall(`{"name":"drop","arguments":${written}}`))
  const edited = { arguments: written }
  const receipt = aReceipt('terminal', question, forged ? others : people, { call, edited })
  const policy = await policyOf()
  const check = receiptChecker(() => policy, fakeContext({ now: () => after(30) }).context)
  return check(receipt, question, call, 'S1')
}

describe('an edited call', () => {
  it('given its proof and a schema that takes it, counts', async () => {
    expect(await found({ pattern: ANYTHING, forged: false })).toMatchObject({ ok: true })
  })

  it('given its proof and a schema that takes too long to check, does not count', async () => {
    const why = 'it was edited, and the schema of its tool takes too long to check'
    expect(await found({ pattern: ENDLESS, forged: false })).toEqual({ ok: false, why })
  })

  it('given no proof of it, has the schema of its tool not checked', async () => {
    const [one, other] = [ENDLESS, ANYTHING].map((pattern) => found({ pattern, forged: true }))
    expect(await one).toEqual(await other)
    expect(await one).toMatchObject({ ok: false, why: expect.not.stringContaining('edited') as unknown })
  })
})
