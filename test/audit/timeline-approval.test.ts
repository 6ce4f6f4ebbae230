import { describe, expect, it } from 'vitest'
import { readRecords } from '../../src/audit/log-record.ts'
import { timeline } from '../../src/audit/timeline.ts'
import type { ApprovalBody } from '../../src/records.ts'
import { after, APPROVERS } from '../identity/a-receipt.ts'
import { type AskedLog, approved, askedLog, passed, waiting, written } from './an-approval.ts'

type Told = readonly { readonly text: string; readonly tone: string }[]

/** What is told between the request and the footer. */
function told(bodies: (log: AskedLog) => Parameters<typeof written>[1]): Told {
  const log = askedLog()
  const lines = [...timeline(readRecords(written(log, bodies(log)), 'with'))]
  const asked = lines.findIndex(({ text }) => text.endsWith('asked by rules[0]: one asks'))
  return lines.slice(asked + 1, -2)
}

const texts = (bodies: Parameters<typeof told>[0]) => told(bodies).map(({ text }) => text)
const state = (log: AskedLog, more: Partial<ApprovalBody> & Pick<ApprovalBody, 'state'>): ApprovalBody => {
  return { kind: 'approval', exchange: 1, approval: log.question.approval, ...more }
}

describe('the timeline of a call that people were asked about', () => {
  it('given a yes, tells who was asked, who answered and how they showed it', () => {
    expect(told((log) => [waiting(log), approved(log, 'oidc'), passed(log)])).toEqual([
      {
        text: '09:14:12.000 #1  approval A-7K2P9QXM waits for a person: held until 2026-11-21T09:15:06.000Z, may be answered until 2026-11-21T09:44:21.000Z',
        tone: 'plain',
        record: 'record 2',
      },
      { text: '                for anyone, proven by terminal', tone: 'quiet' },
      {
        text: '09:14:13.000 #1  approval A-7K2P9QXM is approved by bob@acme.example of https://login.acme.example, proven by oidc',
        tone: 'good',
        record: 'record 3',
      },
      { text: '09:14:14.000 #1  decided, approval A-7K2P9QXM', tone: 'plain', record: 'record 4' },
      { text: '                allowed by rules[0]: approved by alice', tone: 'good' },
    ])
  })

  it('given an edit, and an answer that is remembered, tells what was sent and how often', () => {
    const edited = { arguments: '{"id":2,"a":"\u202e"}' }
    const remember = { count: 3, until: after(600).toISOString() }
    expect(
      texts((log) => [
        approved(log, 'key', { how: { edited }, by: { ...APPROVERS.key, email: null, issuer: 'local' } }),
        approved(log, 'terminal', { how: { remember } }),
        state(log, { state: 'remembered', exchange: 2, why: '2 more like it' }),
      ]),
    ).toEqual([
      `09:14:12.000 #1  approval A-7K2P9QXM is approved by ${APPROVERS.key.sub}, proven by key`,
      '                with other arguments: {"id":2,"a":"\\u{202e}"}',
      `09:14:13.000 #1  approval A-7K2P9QXM is approved by ${APPROVERS.terminal.sub}, proven by terminal`,
      `                for 3 such calls, until ${remember.until}`,
      '09:14:14.000 #2  by the answer to approval A-7K2P9QXM, which was remembered: 2 more like it',
    ])
  })

  it('given two rules that ask, tells of each whom it is for', () => {
    const rule = (name: string, more: object) => ({ rule: name, by: null, notSelf: false, count: 1, ...more })
    const each = [
      rule('rules.a', { by: { groups: ['dba'], emails: ['ann@acme.example'] }, notSelf: true, count: 2 }),
      rule('rules.b', { by: 'everyone' }),
    ]
    const demand = { proof: 'oidc', confirm: 'type', each } as const
    expect(texts((log) => [waiting(log, { demand })]).slice(1)).toEqual([
      '                rules.a: for dba or ann@acme.example, 2 of them, not for whoever asks, proven by oidc, confirmed by typing',
      '                rules.b: for anyone, proven by oidc, confirmed by typing',
    ])
  })

  it('given other ends, tells each with its reason', () => {
    const expires = '2026-11-21T09:44:21Z'
    expect(
      texts((log) => {
        const { heldUntil: _, ...repeated } = waiting(log)
        return [
          state(log, { state: 'refused', why: 'it is of another call' }),
          state(log, { state: 'denied', by: 'ben', text: 'not today\u001b[2J' }),
          state(log, { state: 'denied', by: 'ben', text: null }),
          state(log, { state: 'queued', expires, why: 'its client cancelled it' }),
          state(log, { state: 'withdrawn', why: 'the session ended' }),
          state(log, { state: 'expired', why: 'nobody answered within 45 s' }),
          repeated,
        ]
      }).map((text) => text.slice(13)),
    ).toEqual([
      '#1  an answer to approval A-7K2P9QXM does not count: it is of another call',
      '#1  approval A-7K2P9QXM is denied by ben',
      '   who wrote: not today\\u{1b}[2J',
      '#1  approval A-7K2P9QXM is denied by ben',
      '#1  approval A-7K2P9QXM is queued, may be answered until 2026-11-21T09:44:21Z: its client cancelled it',
      '#1  approval A-7K2P9QXM is withdrawn: the session ended',
      '#1  approval A-7K2P9QXM has expired: nobody answered within 45 s',
      '#1  approval A-7K2P9QXM waits for a person: was asked before, may be answered until 2026-11-21T09:44:21.000Z',
      '   for anyone, proven by terminal',
    ])
  })

  it('given records of any form, tells what it can', () => {
    const odd = ['x', 'waiting', 'approved', 'denied'].map((one) => ({ kind: 'approval', state: one }))
    const bent = { kind: 'approval', state: 'waiting', demand: { each: [1, {}], by: [], proof: 7 }, by: 7 }
    expect([...timeline([...odd, bent])].map(({ text }) => text)).toEqual([
      '?            #?  approval ?: x',
      '?            #?  approval ? waits for a person: was asked before',
      '                for anyone, proven by ?',
      '?            #?  approval ? is approved by ?, proven by ?',
      '?            #?  approval ? is denied by ?',
      '?            #?  approval ? waits for a person: was asked before',
      '                for anyone, proven by ?',
      'no end is recorded: it is running, was killed, or its end was cut off',
    ])
  })
})
