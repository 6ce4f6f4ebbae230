import { describe, expect, it } from 'vitest'
import { readRecords } from '../../src/audit/log-record.ts'
import { timeline } from '../../src/audit/timeline.ts'
import type { ContextBody } from '../../src/records.ts'
import { FOOTER, message, newState, openLog, request, response, tickingClock } from './a-log.ts'

const START: ContextBody = {
  kind: 'context',
  cause: 'start',
  subject: { issuer: 'local', sub: 'alice', email: null, groups: [], kind: 'human' },
  client: null,
  policy: { name: 'try', version: null, digest: 'abcdef0123456789', signed: false },
  grants: [
    { name: 'orders-read', mode: 'session', started: 's', expires: '2026-11-21T09:44:07Z', reason: 'INC-7' },
  ],
}

const received = { bytes: 412, sha256: 'ab'.repeat(32) }
const text = (records: Parameters<typeof timeline>[0]) => [...timeline(records)].map((each) => each.text)

describe('timeline', () => {
  it('given a session, tells it from its beginning to its end', () => {
    const state = newState()
    const log = openLog(state, { clock: tickingClock() })
    const { kind, decision } = request(1)
    const listing = { kind, decision }
    log.append(START)
    log.append({ kind: 'context', cause: 'client', client: { name: 'claude-code', version: '2.1' } })
    log.append({ ...listing, from: 'client', exchange: 1, method: 'tools/list' }, message({}, 'requests'))
    log.append(response(1, { changed: { hidden: ['admin_sql'], received } }), message({ result: {} }))
    const call = { params: { name: 'query', arguments: { sql: 'SELECT 1' } } }
    log.append(request(2), message(call, 'requests'))
    log.append(response(2, { isError: true, tookUs: 2_500_000 }), message('x'.repeat(100_000)))
    const denied = { effect: 'deny', rules: ['rules.no-ddl'], why: 'one denies' } as const
    log.append(request(3, { decision: denied }))
    log.append({ kind: 'notification', from: 'client', method: 'notifications/progress' })
    log.append({ kind: 'notification', from: 'server', method: 'x/y', decision: { ...denied, rules: [] } })
    log.append({ kind: 'refused', from: 'client', why: 'is no JSON' })
    log.append(request(4, { from: 'server', method: 'elicitation/create', answers: { city: 9 } }))
    log.append(response(4, { from: 'client', tookUs: 90 }), {
      length: 5000,
      sha256: '',
      head: Buffer.of(),
      payload: 'results',
    })
    log.append({
      kind: 'decision',
      exchange: 4,
      effect: 'allow',
      rules: [],
      approval: null,
      why: 'yes',
      sent: null,
    })
    log.close(FOOTER)
    expect(text(readRecords(log.path, 'with'))).toEqual([
      `session ${log.session}, number 1`,
      'started     2026-11-21T09:14:07.000000Z',
      'server      orders-db: /opt/acme/bin/mcp-postgres',
      'machine     alice on alice-mbp, hoopctl 0.4.0',
      `device      ${state.device.id}`,
      'subject     alice, the user of this computer, nobody signed in',
      'policy      try, not signed: anyone who may write the file may change it; digest abcdef012345',
      'grants      orders-read until 2026-11-21T09:44:07Z (INC-7)',
      '09:14:09.000 client      claude-code 2.1 (as it calls itself)',
      '09:14:10.000 #1  tools/list',
      '                allowed by rules[0]: all allow',
      '09:14:11.000 #1  answered in 6.1 ms, 13 bytes',
      '                changed; hidden: admin_sql (412 bytes came)',
      '09:14:12.000 #2  tools/call query',
      '                {"sql":"SELECT 1"}',
      '                allowed by rules[0]: all allow',
      '09:14:13.000 #2  answered with an error in 2.5 s, 97.7 KiB (recorded in part)',
      '09:14:14.000 #3  tools/call query',
      '                denied by rules.no-ddl: one denies',
      '09:14:16.000 the server tells: x/y',
      '                denied: one denies',
      '09:14:17.000 a line from the client was refused: is no JSON',
      '09:14:18.000 #4  the server asks: elicitation/create query',
      '                allowed by rules[0]: all allow',
      '                answers, without their values: city (9 bytes)',
      '09:14:19.000 #4  answered in 90 µs, 4.9 KiB (recorded in part)',
      '09:14:20.000 #4  decided',
      '                allowed: yes',
      '09:14:21.000 ended: the client closed',
      '                4 exchanges: 2 allowed, 1 asked, 1 denied',
    ])
  })

  it('given a request of which nothing was decided, names what its message names', () => {
    const log = openLog(newState())
    const { kind, decision } = request(1)
    const bare = { kind, decision, from: 'client' } as const
    const asked = [
      ['tools/call', { name: 'que\u001bry' }],
      ['resources/read', { uri: 'file:///a' }],
      ['ping', { name: 7 }],
    ] as const
    for (const [index, [method, params]] of asked.entries())
      log.append({ ...bare, exchange: index + 1, method }, message({ params }, 'requests'))
    log.commit()
    const titles = text(readRecords(log.path, 'with')).filter((told) => /#\d/.test(told))
    expect(titles.map((told) => told.replace(/^\S+ /, ''))).toEqual([
      '#1  tools/call que\\u{1b}ry',
      '#2  resources/read file:///a',
      '#3  ping',
    ])
  })

  it('given tones, tells what was allowed from what was not', () => {
    const log = openLog(newState())
    log.append(START)
    log.append(request(1))
    log.append(request(2, { decision: { effect: 'deny', rules: [], why: 'no' } }))
    log.append(request(3, { decision: { effect: 'ask', rules: [], why: 'perhaps' } }))
    log.commit()
    const tones = [...timeline(readRecords(log.path, 'with'))].map((each) => each.tone)
    expect(tones.slice(5)).toEqual('plain warn plain plain good plain bad plain warn warn'.split(' '))
  })

  it('given a log without its end, says so', () => {
    const log = openLog(newState())
    expect(text(readRecords(log.path, 'with')).at(-1)).toBe(
      'no end is recorded: it is running, was killed, or its end was cut off',
    )
  })

  it('given control and bidirectional characters anywhere, makes them visible', () => {
    const evil = '\u001b[2K\u202e'
    const log = openLog(newState())
    log.append({ ...START, cause: evil, client: { name: evil, version: evil } })
    log.append(
      request(1, {
        method: evil,
        tool: evil,
        resource: evil,
        prompt: evil,
        task: evil,
        answers: { [evil]: 1 },
      }),
    )
    log.append(request(2), message({ params: { arguments: { a: evil } } }, 'requests'))
    log.append(response(2, { changed: { hidden: [evil], why: evil, received } }))
    log.append({
      kind: 'notification',
      from: 'server',
      method: evil,
      decision: { effect: 'deny', rules: [evil], why: evil },
    })
    log.append({ kind: 'refused', from: 'client', why: evil })
    log.commit()
    const told = text(readRecords(log.path, 'with')).join('')
    expect(told).toContain('\\u{1b}[2K\\u{202e}')
    // oxlint-disable-next-line no-control-regex -- those are what must not be there
    expect(told).not.toMatch(/[\u0000-\u001f\u202e]/)
  })

  it('given records of any form, tells what it can', () => {
    const odd = [
      null,
      {},
      { kind: 7 },
      { kind: 'header', server: [] },
      { kind: 'request', decision: 'x', at: '\u001b' },
    ]
    const more = [
      { kind: 'context', cause: 1, grants: [1, {}] },
      { kind: 'response', bytes: 'x', changed: null },
    ]
    expect(text([...odd, ...more, { kind: 'footer', end: 'x\u202e' }])).toEqual([
      '            a line that is no record',
      'session ?, number ?',
      'started     ?',
      'server      not named in the policy: ',
      'machine     ? on ?, hoopctl ?',
      'device      ?',
      '\\u{1b}       #?  the ? asks: ?',
      '                : ?',
      '?            grants      ? (?)',
      '?            #?  answered in ?, size not recorded (recorded by its digest)',
      '                changed (size not recorded came)',
      '?            ended: x\\u{202e} (exit code ?)',
      '                ? exchanges: ? allowed, ? asked, ? denied',
    ])
  })
})
