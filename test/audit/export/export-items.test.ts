import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { askedLog, approved, passed, waiting, written } from '../an-approval.ts'
import {
  completeLog,
  exchange,
  FOOTER,
  message,
  newState,
  openLog,
  request,
  response,
  tickingClock,
} from '../a-log.ts'
import { temporaryDirectory } from '../a-log.ts'
import { APPROVERS } from '../../identity/a-receipt.ts'
import { callsOf, endOf, itemsOf } from './exported.ts'

const DENIED = { effect: 'deny', rules: ['rules[2]'], why: 'one denies' } as const
const told = (path: string) => callsOf(path).map(({ asked, ended }) => [asked.exchange, ended.outcome])
const endings = (path: string) => callsOf(path).map(({ ended }) => ended)

/** Of one exchange, what its answer adds. */
const NO_ANSWER = { answeredAt: null, tookUs: null, isError: null, resultBytes: null, resultSha256: null }
const NOBODY = {
  approval: null,
  approvalState: null,
  approvers: [],
  proofs: [],
  edited: null,
  outcomeWhy: null,
}

describe('the exchanges of a log', () => {
  it('given a call and its answer, tells all that the log says of it', () => {
    const log = openLog(newState(), { clock: tickingClock() })
    const subject = {
      issuer: 'https://login.acme.example',
      sub: '00u1a',
      email: 'alice@acme.example',
      groups: ['engineering'],
      kind: 'human',
    } as const
    const policy = { name: 'acme', version: 42, digest: '82'.repeat(32), signed: true }
    const grant = { name: 'orders-read', mode: 'session', started: 'x', expires: null, reason: null }
    log.append({ kind: 'context', cause: 'start', subject, client: null, policy, grants: [grant] })
    log.append({ kind: 'context', cause: 'client', client: { name: 'claude-code', version: '2.1.330' } })
    const asked = { jsonrpc: '2.0', id: 1, params: { name: 'query' } }
    const text = JSON.stringify(asked).replace('}}', ',"arguments": {"id":9007199254740993}}}')
    log.append(request(1), { bytes: Buffer.from(text), payload: 'requests' })
    log.append(response(1, { isError: false }), message({ jsonrpc: '2.0', id: 1, result: { content: [] } }))
    log.close(FOOTER)
    const [call] = callsOf(log.path)
    expect(call).toEqual({
      session: {
        session: log.session,
        number: 1,
        started: '2026-11-21T09:14:07.000000Z',
        hoopctl: '0.4.0',
        host: 'alice-mbp',
        osUser: 'alice',
        device: expect.stringMatching(/^ed25519:/) as unknown,
        server: 'orders-db',
      },
      circumstances: {
        issuer: 'https://login.acme.example',
        sub: '00u1a',
        email: 'alice@acme.example',
        groups: ['engineering'],
        kind: 'human',
        client: 'claude-code',
        clientVersion: '2.1.330',
        policy: 'acme',
        policyVersion: 42,
        policyDigest: '82'.repeat(32),
        grants: ['orders-read'],
      },
      asked: {
        seq: 3,
        exchange: 1,
        at: '2026-11-21T09:14:10.000000Z',
        from: 'client',
        method: 'tools/call',
        tool: 'query',
        resource: null,
        prompt: null,
        task: null,
        effect: 'allow',
        rules: ['rules[0]'],
        why: 'all allow',
        requestBytes: text.length,
        requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
        arguments: '{"id":9007199254740993}',
      },
      ended: {
        ...NOBODY,
        outcome: 'answered',
        answeredAt: '2026-11-21T09:14:11.000000Z',
        tookUs: 6085,
        isError: false,
        resultBytes: 48,
        resultSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      },
      answer: { text: '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}', whole: true },
    })
  })

  it('given answers in another order, tells each exchange when it ends, those without an answer last', () => {
    const log = openLog(newState())
    for (const number of [1, 2, 3]) log.append(request(number))
    log.append(response(3))
    log.append(request(4, { decision: DENIED }))
    log.append(response(1))
    log.close(FOOTER)
    expect(told(log.path)).toEqual([
      [3, 'answered'],
      [4, 'denied'],
      [1, 'answered'],
      [2, 'unanswered'],
    ])
  })

  it('given an answer of hoopctl itself, tells that it is none of the server', () => {
    const log = openLog(newState())
    log.append(request(1, { decision: DENIED }))
    log.append(response(1, { from: 'hoopctl', isError: true }))
    log.append(request(2))
    log.append(response(2, { from: 'hoopctl', isError: true }))
    log.close(FOOTER)
    const outcomes = endings(log.path).map(({ outcome, isError }) => ({ outcome, isError }))
    expect(outcomes).toEqual([
      { outcome: 'denied', isError: true },
      { outcome: 'unanswered', isError: true },
    ])
    expect(endOf(log.path)).toMatchObject({ unmatched: 0, unreadable: 0 })
  })

  it.each([
    { given: 'a JSON-RPC error', answer: { error: { code: 1, message: 'no' } }, isError: true },
    { given: 'a result', answer: { result: {} }, isError: false },
  ])('given $given where the record has no `isError`, tells $isError', ({ answer, isError }) => {
    const log = openLog(newState())
    log.append(request(1))
    log.append(response(1), message({ jsonrpc: '2.0', id: 1, ...answer }))
    log.close(FOOTER)
    expect(endings(log.path).map((ended) => ended.isError)).toEqual([isError])
  })
})

describe('exchanges that people were asked about', () => {
  it('given a yes with other arguments, tells who gave it, how they showed it, and what was sent', () => {
    const log = askedLog()
    const edited = { arguments: '{"id":2}' }
    const path = written(log, [waiting(log), approved(log, 'oidc', { how: { edited } }), passed(log)])
    const { approval } = log.question
    expect(endings(path)).toEqual([
      {
        ...NO_ANSWER,
        outcome: 'unanswered',
        outcomeWhy: 'approved by alice',
        approval,
        approvalState: 'approved',
        approvers: [APPROVERS.oidc.email],
        proofs: ['oidc'],
        edited: '{"id":2}',
      },
    ])
  })

  it('given a no, tells who says that they said it, with no proof', () => {
    const log = askedLog()
    const no = { kind: 'approval', exchange: 1, approval: log.question.approval, state: 'denied' } as const
    const path = written(log, [
      waiting(log),
      { ...no, by: 'ben' },
      passed(log, { effect: 'deny', why: 'no' }),
    ])
    expect(endings(path)).toEqual([
      {
        ...NO_ANSWER,
        ...NOBODY,
        outcome: 'denied',
        outcomeWhy: 'no',
        approval: log.question.approval,
        approvalState: 'denied',
        approvers: ['ben'],
      },
    ])
  })

  it('given a receipt that does not hold, tells nothing of it', () => {
    const log = askedLog()
    const { receipt, by } = approved(log, 'key')
    const bad = { kind: 'approval', exchange: 1, approval: log.question.approval, state: 'refused' } as const
    const path = written(log, [waiting(log), { ...bad, ...(receipt && { receipt }), ...(by && { by }) }])
    expect(endings(path)).toMatchObject([
      { outcome: 'waiting', approvalState: 'waiting', approvers: [], proofs: [] },
    ])
  })

  it.each([
    { given: 'a decision that says to come again', how: 'decision' },
    { given: 'no decision, because the client went away', how: 'approval' },
  ])('given a queued call and $given, tells that it is queued', ({ how }) => {
    const log = askedLog()
    const { approval } = log.question
    const queued = { kind: 'approval', exchange: 1, approval, state: 'queued' } as const
    const again = how === 'decision' ? [passed(log, { effect: 'ask' })] : []
    expect(told(written(log, [waiting(log), queued, ...again]))).toEqual([[1, 'queued']])
  })
})

describe('what is no exchange', () => {
  it('given a whole log, tells the session first and the end last', () => {
    const path = completeLog(newState())
    expect(itemsOf(path).map(({ item }) => item)).toEqual(['session', 'context', 'call', 'call', 'end'])
    expect(endOf(path)).toEqual({
      end: 'client-closed',
      at: expect.stringMatching(/Z$/) as unknown,
      calls: 2,
      refused: 1,
      unreadable: 0,
      unmatched: 0,
    })
  })

  it('given an empty file, tells a session of which nothing is known', () => {
    const path = completeLog(newState())
    const empty = join(temporaryDirectory(), 'empty.jsonl')
    writeFileSync(empty, '')
    expect(itemsOf(empty).map(({ item }) => item)).toEqual(['session', 'end'])
    expect(endOf(path)?.end).toBe('client-closed')
  })

  it('given lines that are no records or fit nothing, counts them and goes on', () => {
    const log = openLog(newState())
    exchange(log, 1)
    log.append(response(1))
    log.append(request(2))
    log.append(request(2))
    log.commit()
    appendFileSync(log.path, 'no JSON\n[1]\n{"kind":"newer"}\n{"kind":"request","exchange":"1"}\nhalf a li')
    expect(told(log.path)).toEqual([
      [1, 'answered'],
      [2, 'unanswered'],
    ])
    expect(endOf(log.path)).toEqual({
      end: null,
      at: null,
      calls: 2,
      refused: 0,
      unreadable: 3,
      unmatched: 3,
    })
  })

  it('given members that are not what they should be, tells them as unknown', () => {
    const log = openLog(newState())
    log.commit()
    const odd = {
      exchange: 1,
      seq: -1,
      at: 5,
      method: [],
      decision: 'allow',
      bytes: 1.5,
      sha256: {},
      message: 5,
    }
    appendFileSync(log.path, `${JSON.stringify({ kind: 'request', ...odd })}\n`)
    const [call] = callsOf(log.path)
    const { effect, rules, arguments: given, requestBytes } = call?.asked ?? {}
    expect({ effect, rules, given, requestBytes }).toEqual({
      effect: null,
      rules: [],
      given: null,
      requestBytes: null,
    })
  })

  it('given more questions than may wait in memory, tells the oldest as unanswered', () => {
    const log = openLog(newState())
    for (const number of [1, 2, 3, 4]) log.append(request(number))
    log.append(response(4))
    log.close(FOOTER)
    const oneLine = 400
    expect(callsOf(log.path, oneLine).map(({ asked, ended }) => [asked.exchange, ended.outcome])).toEqual([
      [1, 'unanswered'],
      [2, 'unanswered'],
      [3, 'unanswered'],
      [4, 'answered'],
    ])
  })
})
