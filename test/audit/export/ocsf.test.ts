import { describe, expect, it } from 'vitest'
import { NO_CALL } from '../../../src/audit/export/no-call.ts'
import { OCSF_VERSION, ocsfEvent, ocsfEvents } from '../../../src/audit/export/ocsf.ts'
import type { RequestBody } from '../../../src/records.ts'
import { FOOTER, message, newState, openLog, request, response, tickingClock } from '../a-log.ts'
import { approved, askedLog, passed, waiting, written } from '../an-approval.ts'
import { hostileLog } from './a-hostile-log.ts'
import { callsOf, itemsOf } from './exported.ts'
import { VERSION } from './ocsf-facts.ts'
import { ocsfFaults } from './ocsf-faults.ts'

/** The events of a log, as a program reads them line by line. */
function eventsOf(path: string): readonly unknown[] {
  const text = [...ocsfEvents(itemsOf(path))].join('')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)
}

const SUBJECT = {
  issuer: 'https://login.acme.example',
  sub: '00u1a',
  email: 'alice@acme.example',
  groups: ['engineering'],
  kind: 'human',
} as const

/** A session with a call that was denied, one that was answered, and a question of the server. */
function aSession(): string {
  const log = openLog(newState(), { clock: tickingClock() })
  const policy = { name: 'acme', version: 42, digest: '82'.repeat(32), signed: true }
  const client = { name: 'claude-code', version: '2.1.330' }
  log.append({ kind: 'context', cause: 'start', subject: SUBJECT, client, policy, grants: [] })
  const params = { name: 'query', arguments: { id: 1 } }
  const append = (exchange: number, more: Partial<RequestBody>) =>
    log.append(request(exchange, more), message({ jsonrpc: '2.0', id: exchange, params }, 'requests'))
  append(1, { decision: { effect: 'deny', rules: ['rules[2]'], why: 'one denies' } })
  append(2, {})
  log.append(response(2, { isError: false }), message({ jsonrpc: '2.0', id: 2, result: {} }))
  append(3, { method: 'resources/read', resource: 'file:///srv/a' })
  log.append(request(4, { from: 'server', method: 'roots/list' }))
  log.close(FOOTER)
  return log.path
}

describe('the OCSF events of a session', () => {
  it('given the facts of the schema, the events say that they are of that version', () => {
    expect(OCSF_VERSION).toBe(VERSION)
  })

  it.each([
    { given: 'calls of all kinds', path: () => aSession() },
    { given: 'hostile texts', path: () => hostileLog('http://127.0.0.1:9') },
    {
      given: 'a call that was approved',
      path: () => {
        const log = askedLog()
        return written(log, [waiting(log), approved(log, 'oidc'), passed(log)])
      },
    },
    {
      given: 'a call that waits',
      path: () => {
        const log = askedLog()
        return written(log, [waiting(log)])
      },
    },
  ])('given $given, each event has all that the schema wants, and nothing else', ({ path }) => {
    const events = eventsOf(path())
    expect(events.map((event) => ocsfFaults(event))).toEqual(events.map(() => []))
    expect(events.length).toBeGreaterThan(0)
  })

  it('given an exchange of which the log says nothing, its event is valid too', () => {
    expect(ocsfFaults(ocsfEvent(NO_CALL))).toEqual([])
  })

  it('given a call that was denied, tells who, what, where and by which policy', () => {
    const [event] = eventsOf(aSession())
    const uid = expect.stringMatching(/^[0-9A-Z]{26}$/) as unknown
    const eventUid = expect.stringMatching(/^[0-9A-Z]{26}\.2$/) as unknown
    expect(event).toEqual({
      category_uid: 6,
      category_name: 'Application Activity',
      class_uid: 6003,
      class_name: 'API Activity',
      activity_id: 99,
      activity_name: 'tools/call',
      type_uid: 600399,
      type_name: 'API Activity: tools/call',
      severity_id: 2,
      severity: 'Low',
      status_id: 2,
      status: 'Failure',
      status_code: 'denied',
      status_detail: 'one denies',
      time: Date.parse('2026-11-21T09:14:09Z'),
      message: 'tools/call query, server orders-db: denied',
      metadata: {
        version: '1.9.0',
        product: { name: 'hoopctl', vendor_name: 'hoopctl', version: '0.4.0' },
        profiles: ['security_control', 'ai_operation'],
        uid: eventUid,
        correlation_uid: uid,
        sequence: 2,
        original_time: '2026-11-21T09:14:09.000000Z',
        log_name: 'hoopctl session log',
        log_version: 'hoopctl-session/1',
      },
      actor: {
        user: {
          name: 'alice@acme.example',
          uid: '00u1a',
          email_addr: 'alice@acme.example',
          type_id: 1,
          type: 'User',
          groups: [{ name: 'engineering' }],
        },
        session: { uid, issuer: 'https://login.acme.example' },
      },
      ai_agent: {
        name: 'claude-code',
        version: '2.1.330',
        type_id: 0,
        type: 'Unknown',
        instance_uid: uid,
      },
      message_context: {
        uid,
        application: { name: 'claude-code', version: '2.1.330' },
        service: { name: 'orders-db' },
      },
      src_endpoint: { hostname: 'alice-mbp', svc_name: 'claude-code' },
      dst_endpoint: { hostname: 'alice-mbp', svc_name: 'orders-db' },
      api: {
        operation: 'tools/call',
        service: { name: 'orders-db' },
        request: { uid: eventUid, data: '{"id":1}' },
      },
      resources: [{ name: 'query', type: 'tool', role_id: 1, role: 'Target' }],
      action_id: 2,
      action: 'Denied',
      disposition_id: 2,
      disposition: 'Blocked',
      policy: { name: 'acme', uid: '82'.repeat(32), version: '42' },
      unmapped: {
        number: 1,
        seq: 2,
        exchange: 1,
        from: 'client',
        effect: 'deny',
        rules: ['rules[2]'],
        why: 'one denies',
        grants: [],
        clientVersion: '2.1.330',
        osUser: 'alice',
        approvers: [],
        proofs: [],
        requestBytes: 71,
        requestSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      },
    })
  })

  it('given other outcomes, tells each in the numbers of the schema', () => {
    const log = askedLog()
    const yes = written(log, [waiting(log), approved(log, 'oidc'), passed(log)])
    const numbers = (path: string) =>
      callsOf(path).map((call) => {
        const { activity_id, status_id, action_id, disposition_id } = { ...ocsfEvent(call) } as Record<
          string,
          unknown
        >
        return { activity_id, status_id, action_id, disposition_id }
      })
    expect([...numbers(aSession()), ...numbers(yes)]).toEqual([
      { activity_id: 99, status_id: 2, action_id: 2, disposition_id: 2 },
      { activity_id: 99, status_id: 1, action_id: 1, disposition_id: 1 },
      { activity_id: 2, status_id: 0, action_id: 1, disposition_id: 1 },
      { activity_id: 99, status_id: 0, action_id: 1, disposition_id: 1 },
      { activity_id: 99, status_id: 0, action_id: 1, disposition_id: 8 },
    ])
  })

  it('given a question of the server, the server is its source, and no agent asked', () => {
    const [, , , event] = eventsOf(aSession())
    expect(event).toMatchObject({
      src_endpoint: { hostname: 'alice-mbp', svc_name: 'orders-db' },
      dst_endpoint: { hostname: 'alice-mbp', svc_name: 'claude-code' },
    })
    expect(event).not.toHaveProperty('ai_agent')
  })
})

describe('the check itself', () => {
  const good = () => structuredClone(eventsOf(aSession())[1]) as Record<string, unknown>

  it.each([
    { given: 'no actor', spoil: { actor: undefined }, fault: 'event.actor: is required' },
    { given: 'an actor of nobody', spoil: { actor: {} }, fault: 'event.actor: has none of process, user' },
    {
      given: 'an agent that is nobody',
      spoil: { ai_agent: { type_id: 0 } },
      fault: 'event.ai_agent: has none of name, uid',
    },
    { given: 'no operation', spoil: { api: {} }, fault: 'event.api.operation: is required' },
    {
      given: 'another activity',
      spoil: { activity_id: 7 },
      fault: 'event.activity_id: 7 is none of its values',
    },
    { given: 'another type', spoil: { type_uid: 600301 }, fault: 'event.type_uid: is not of this class' },
    {
      given: 'the name of another type',
      spoil: { type_name: 'API Activity: Other' },
      fault: 'event.type_name: is not API Activity: tools/call',
    },
    {
      given: 'another class',
      spoil: { class_uid: 6004 },
      fault: 'event.class_uid: 6004 is none of its values',
    },
    {
      given: 'another caption',
      spoil: { status: 'Failure' },
      fault: 'event.status_id: 1 is Success, not "Failure"',
    },
    { given: 'seconds with a fraction', spoil: { time: 1.5 }, fault: 'event.time: is no integer' },
    { given: 'an attribute of ours', spoil: { grants: [] }, fault: 'event.grants: is not in the schema' },
    {
      given: 'no version',
      spoil: { metadata: { product: { name: 'a' } } },
      fault: 'event.metadata.version: is req',
    },
    { given: 'an empty endpoint', spoil: { src_endpoint: {} }, fault: 'event.src_endpoint: has none of ip' },
  ])('given $given, finds it', ({ spoil, fault }) => {
    const event = Object.fromEntries(
      Object.entries({ ...good(), ...spoil }).filter(([, value]) => value !== undefined),
    )
    expect(ocsfFaults(event).join('\n')).toContain(fault)
  })
})
