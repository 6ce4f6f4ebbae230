import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { kindsOf, linesOf, message, newState, openLog, request, response, tickingClock } from './a-log.ts'

describe('the form of records', () => {
  it('given records, writes nothing before the commit and each in its settled form after it', () => {
    const log = openLog(newState(), { clock: tickingClock() })
    const bytes = Buffer.from('{"jsonrpc": "2.0","id":2, "x":"héllo"}')
    log.append({ kind: 'context', cause: 'client', client: { name: 'claude-code', version: '2.1.330' } })
    log.append(request(2), { bytes, payload: 'requests' })
    log.append(response(2, { isError: false }), message({ id: 2 }))
    expect(kindsOf(log.path)).toEqual(['header'])
    expect(log.commit()).toBe('all')
    const [header, ...lines] = linesOf(log.path)
    let prev = sha256(header ?? '')
    const expected = [
      '"kind":"context","prev":"PREV","cause":"client","client":{"name":"claude-code","version":"2.1.330"}}',
      `"kind":"request","prev":"PREV","from":"client","exchange":2,"method":"tools/call","tool":"query","decision":{"effect":"allow","rules":["rules[0]"],"why":"all allow"},"bytes":39,"sha256":"${sha256(bytes)}","message":{"jsonrpc": "2.0","id":2, "x":"héllo"}}`,
      `"kind":"response","prev":"PREV","from":"server","exchange":2,"tookUs":6085,"isError":false,"bytes":8,"sha256":"${sha256('{"id":2}')}","message":{"id":2}}`,
    ].map((rest, index) => {
      const second = String(8 + index).padStart(2, '0')
      const line = `{"seq":${index + 1},"at":"2026-11-21T09:14:${second}.000000Z",${rest.replace('PREV', prev)}`
      prev = sha256(line)
      return line
    })
    expect(lines).toEqual(expected)
  })

  it('given members that a type does not name, leaves them out', () => {
    const log = openLog(newState())
    const subject = {
      issuer: 'local',
      sub: 'alice',
      email: null,
      groups: [],
      kind: 'human',
      claims: { ssn: '1' },
    } as const
    log.append({ kind: 'context', cause: 'start', subject })
    const decision = { effect: 'deny', rules: [], why: 'no rule', reasons: ['a text'] } as const
    log.append(request(1, { decision }))
    log.commit()
    const [, context, denied] = linesOf(log.path)
    expect(context).toMatch(
      /"subject":\{"issuer":"local","sub":"alice","email":null,"groups":\[\],"kind":"human"\}\}$/,
    )
    expect(denied).toMatch(/"decision":\{"effect":"deny","rules":\[\],"why":"no rule"\}\}$/)
  })

  it('given every kind of record with all it can hold, writes the members in their order', () => {
    const log = openLog(newState())
    const received = { bytes: 9, sha256: 'ab'.repeat(32) }
    const grant = { name: 'g', mode: 'session', started: 's', expires: null, reason: null }
    log.append({
      kind: 'context',
      cause: 'start',
      grants: [grant],
      policy: { signed: false, digest: 'd', version: null, name: 'try' },
      client: null,
      subject: { kind: 'human', groups: ['a'], email: 'e', sub: 's', issuer: 'i' },
    })
    log.append(
      request(1, {
        resource: 'r',
        prompt: 'p',
        task: 't',
        answers: { name: 4 },
        changed: { received, why: 'w' },
      }),
    )
    log.append(response(1, { isError: true, changed: { received, hidden: ['h'] }, answers: {} }))
    const refusal = { effect: 'deny', rules: [], why: 'w' } as const
    log.append({
      kind: 'notification',
      from: 'server',
      method: 'm',
      changed: { received },
      decision: refusal,
    })
    log.append(
      { kind: 'refused', from: 'client', why: 'no JSON' },
      { bytes: Buffer.from([0xff, 10]), payload: 'requests' },
    )
    log.append({
      kind: 'decision',
      exchange: 1,
      effect: 'allow',
      rules: ['r'],
      approval: 'A-1',
      why: 'w',
      sent: received,
    })
    log.commit()
    const sized = `{"bytes":9,"sha256":"${'ab'.repeat(32)}"}`
    expect(
      linesOf(log.path)
        .slice(1)
        .map((line) => line.slice(line.indexOf('"prev":') + 73)),
    ).toEqual([
      ',"cause":"start","subject":{"issuer":"i","sub":"s","email":"e","groups":["a"],"kind":"human"},"client":null,"policy":{"name":"try","version":null,"digest":"d","signed":false},"grants":[{"name":"g","mode":"session","started":"s","expires":null,"reason":null}]}',
      `,"from":"client","exchange":1,"method":"tools/call","tool":"query","resource":"r","prompt":"p","task":"t","decision":{"effect":"allow","rules":["rules[0]"],"why":"all allow"},"changed":{"why":"w","received":${sized}},"answers":{"name":4}}`,
      `,"from":"server","exchange":1,"tookUs":6085,"isError":true,"changed":{"hidden":["h"],"received":${sized}},"answers":{}}`,
      `,"from":"server","method":"m","decision":{"effect":"deny","rules":[],"why":"w"},"changed":{"received":${sized}}}`,
      `,"from":"client","why":"no JSON","bytes":2,"sha256":"${sha256(Buffer.from([0xff, 10]))}","head":"/wo="}`,
      `,"exchange":1,"effect":"allow","rules":["r"],"approval":"A-1","why":"w","sent":${sized}}`,
    ])
  })
})
