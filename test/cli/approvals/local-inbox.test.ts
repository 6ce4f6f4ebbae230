import { describe, expect, it, onTestFinished } from 'vitest'
import { LocalInbox } from '../../../src/cli/approvals/local-inbox.ts'
import { GRANT_METHOD } from '../../../src/grant-question.ts'
import { startMark } from '../../../src/state/start-mark.ts'
import { sealKeyIn } from '../../fixtures/state/seal-key.ts'
import { aDenial, aQuestion, idOf, openApprovals } from '../../state/a-question.ts'
import { at, newPlace, open } from '../../state/a-state.ts'

const id = idOf(1)
// No process has it: it is above what Linux gives.
const GONE = 2 ** 30

/** The state in which a process asked, and a look at it. */
function asked({ pid = process.pid, seconds = 1, method = 'tools/call' } = {}) {
  const place = newPlace()
  const { approvals } = openApprovals(place, { startOf: startMark })
  approvals.ask(aQuestion({ method }), pid, at(0))
  const inbox = new LocalInbox(open(place), { key: sealKeyIn(place.root), now: () => at(seconds) })
  onTestFinished(() => inbox.close())
  return { approvals, inbox }
}

describe('how a question ended', () => {
  it('given one that waits, or none, says nothing', () => {
    const { inbox } = asked()
    expect([inbox.ended(id), inbox.ended(idOf(2))]).toEqual([null, null])
  })

  it('given one that was withdrawn, tells the reason as a reason, and no time that nobody knows', () => {
    const { approvals, inbox } = asked()
    approvals.withdraw(id, 'nobody answered within 5 s', at(1))
    const why = 'nobody answered within 5 s'
    expect(inbox.ended(id)).toEqual({ how: 'withdrawn', by: null, why, at: null })
  })

  it.each([
    { of: 'shim', method: 'tools/call', why: 'its session ended' },
    { of: '`hoopctl request`', method: GRANT_METHOD, why: 'the `hoopctl request` that asked ended' },
  ])('given a $of that was killed, says so until it would have run out', ({ method, why }) => {
    const { inbox } = asked({ pid: GONE, method })
    expect(inbox.ended(id)).toEqual({ how: 'withdrawn', by: null, why, at: null })
    const late = asked({ pid: GONE, method, seconds: 300 }).inbox
    expect(late.ended(id)).toEqual({ how: 'expired', by: null, at: at(300) })
  })

  it('given one that nobody holds any more, waits on whatever became of its shim', () => {
    const { approvals, inbox } = asked({ pid: GONE })
    approvals.queue(id, at(1))
    expect(inbox.ended(id)).toBeNull()
  })

  it('given a no or a use, tells when, and of a no by whom', () => {
    const [denied, used] = [asked(), asked()]
    denied.approvals.answer(id, aDenial(id), at(1))
    used.approvals.claim(id, { session: 'S', exchange: 1 }, at(1))
    expect([denied.inbox.ended(id), used.inbox.ended(id)]).toEqual([
      { how: 'denied', by: 'bob', at: at(20) },
      { how: 'used', by: null, at: at(1) },
    ])
  })
})
