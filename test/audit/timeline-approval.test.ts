import { expect, it } from 'vitest'
import { approvalLines } from '../../src/audit/timeline-approval.ts'

const about = { at: '2026-11-21T09:14:07.000000Z', kind: 'approval', exchange: 2, approval: 'A-7K2P9QXM' }
const receipt = { edited: null, proof: { kind: 'key' } }
const by = { issuer: 'local', sub: 'ann', email: 'ann@acme.example' }

it.each([
  ['waiting', {}, 'waits for a person'],
  ['approved', { by, receipt }, 'was given by ann@acme.example, shown by key'],
  ['denied', { by: 'ann', text: null }, 'was denied by ann'],
  ['denied', { by: 'ann', text: 'no\u001b[2J' }, 'was denied by ann, who wrote: "no\\u{1b}[2J"'],
  ['queued', { expires: '2026-11-21T09:44:07.000Z' }, 'is queued until 2026-11-21T09:44:07.000Z'],
  ['refused', { why: 'its time is over' }, 'got an answer that does not count: its time is over'],
  ['remembered', { why: '2 more like it' }, 'covers this call too: 2 more like it'],
  ['withdrawn', { why: 'its client cancelled it' }, 'was withdrawn: its client cancelled it'],
  ['expired', { why: 'nobody answered within 45 s' }, 'ran out: nobody answered within 45 s'],
  ['approved\u001b[2J', {}, 'approved\\u{1b}[2J'],
])('given a question in the state %s with %j, tells it in one line', (state, more, text) => {
  const lines = approvalLines({ ...about, state, ...more }).map((each) => each.text)
  expect(lines).toEqual([`09:14:07.000 #2  approval A-7K2P9QXM ${text}`])
})

it('given arguments that a person edited, tells them too, the beginning of long ones', () => {
  for (const [written, shown] of [
    ['{"path":"\u202etxt"}', '{"path":"\\u{202e}txt"}'],
    [`"${'x'.repeat(200)}"`, `"${'x'.repeat(159)}…`],
  ]) {
    const edited = { ...receipt, edited: { arguments: written } }
    const lines = approvalLines({ ...about, state: 'approved', by, receipt: edited })
    expect(lines.map((each) => each.text).slice(1)).toEqual([
      `                edited, and sent with ${shown}`,
    ])
  }
})
