import { describe, expect, it } from 'vitest'
import { csvLines } from '../../../src/audit/export/csv.ts'
import { jsonLines } from '../../../src/audit/export/jsonl.ts'
import { FOOTER, newState, openLog, request, response, tickingClock } from '../a-log.ts'
import { hostileLog } from './a-hostile-log.ts'
import { itemsOf } from './exported.ts'

/** A session with one call whose tool, rule and arguments are given. */
function aCall(tool: string, rules: readonly string[], given: string) {
  const log = openLog(newState(), { clock: tickingClock() })
  const subject = { issuer: 'local', sub: 'alice', email: null, groups: ['a', 'b'], kind: 'human' } as const
  log.append({ kind: 'context', cause: 'start', subject, client: null, grants: [] })
  const text = `{"jsonrpc":"2.0","id":1,"params":{"name":"x","arguments":${given}}}`
  const decision = { effect: 'allow', rules, why: 'all allow' } as const
  log.append(request(1, { tool, decision }), { bytes: Buffer.from(text), payload: 'requests' })
  log.append(response(1, { isError: false }))
  log.close(FOOTER)
  return { path: log.path, session: log.session, bytes: Buffer.byteLength(text) }
}

const jsonl = (path: string) => [...jsonLines(itemsOf(path))].join('')
const csv = (path: string) => [...csvLines(itemsOf(path))].join('')

/** Reads CSV as RFC 4180 has it. */
function records(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

describe('JSON Lines', () => {
  it('given a call, writes one object with all fields in their order, and all digits', () => {
    const { path, session, bytes } = aCall('query', ['rules[0]'], '{"id":\t9007199254740993,"to":"a\u202eb"}')
    const text = jsonl(path).replace(/"requestSha256":"[0-9a-f]{64}"/, '"requestSha256":"…"')
    expect(text).toBe(
      `{"session":"${session}","number":1,"seq":2,"exchange":1,"at":"2026-11-21T09:14:09.000000Z",` +
        '"issuer":"local","sub":"alice","email":null,"groups":["a","b"],"kind":"human","osUser":"alice","host":"alice-mbp",' +
        '"client":null,"clientVersion":null,"server":"orders-db","from":"client","method":"tools/call","tool":"query",' +
        '"resource":null,"prompt":null,"task":null,"effect":"allow","rules":["rules[0]"],"why":"all allow","grants":[],' +
        '"policy":null,"policyVersion":null,"policyDigest":null,"approval":null,"approvalState":null,"approvers":[],' +
        '"proofs":[],"outcome":"answered","outcomeWhy":null,"answeredAt":"2026-11-21T09:14:10.000000Z","tookUs":6085,' +
        `"isError":false,"requestBytes":${bytes},"requestSha256":"…","resultBytes":null,"resultSha256":null,` +
        '"edited":null,"arguments":{"id": 9007199254740993,"to":"a\\u202eb"}}\n',
    )
  })

  it('given hostile texts, writes one object on each line', () => {
    const lines = jsonl(hostileLog('http://127.0.0.1:9')).split('\n').slice(0, -1)
    expect(lines).toHaveLength(10)
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('outcome', 'answered')
  })
})

describe('CSV', () => {
  it('given calls, writes a header line and then as many cells in each line', () => {
    const { path } = aCall('a "quoted", \r\n tool', ['x', 'y'], '{"a":1}')
    const [titles = [], values = [], ...more] = records(csv(path))
    const fields = Object.keys(JSON.parse(jsonl(path)) as object)
    expect({ titles, more, cells: values.length }).toEqual({ titles: fields, more: [], cells: fields.length })
    const row = Object.fromEntries(titles.map((title, index) => [title, values[index]]))
    const { tool, rules, groups, email, tookUs, isError, arguments: given } = row
    expect({ tool, rules, groups, email, tookUs, isError, given }).toEqual({
      tool: 'a "quoted", \\u{d}\\u{a} tool',
      rules: 'x; y',
      groups: 'a; b',
      email: '',
      tookUs: '6085',
      isError: 'false',
      given: '{"a":1}',
    })
  })

  it.each([
    { given: 'a formula', tool: '=HYPERLINK("http://x")', cell: '\'=HYPERLINK("http://x")' },
    { given: 'a plus', tool: '+1', cell: "'+1" },
    { given: 'a minus', tool: '-1+cmd|x', cell: "'-1+cmd|x" },
    { given: 'an at sign', tool: '@SUM(1)', cell: "'@SUM(1)" },
    { given: 'a formula behind spaces', tool: '  =1', cell: "'  =1" },
    { given: 'a formula in full width', tool: '\uff1d1', cell: "'\uff1d1" },
    { given: 'a formula behind a tab', tool: '\t=1', cell: '\\u{9}=1' },
    { given: 'a formula behind a return', tool: '\r=1', cell: '\\u{d}=1' },
    { given: 'a name with a minus in it', tool: 'list-tables', cell: 'list-tables' },
  ])('given $given, writes a cell that no spreadsheet runs', ({ tool, cell }) => {
    const [titles = [], values = []] = records(csv(aCall(tool, [tool], '{}').path))
    expect([values[titles.indexOf('tool')], values[titles.indexOf('rules')]]).toEqual([cell, cell])
  })

  it('given hostile texts, stays one line for each exchange', () => {
    const rows = records(csv(hostileLog('http://127.0.0.1:9')))
    expect(rows.map((row) => row.length)).toEqual(Array.from({ length: 11 }, () => rows[0]?.length))
  })
})
