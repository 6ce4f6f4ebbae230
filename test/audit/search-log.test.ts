import { hash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { searchLog } from '../../src/audit/search-log.ts'
import { AUDIT, FOOTER, message, newState, openLog, request, response, tickingClock } from './a-log.ts'

describe('a text in a log', () => {
  const log = () => {
    const opened = openLog(newState())
    const params = {
      name: 'query',
      arguments: { Größe: ['a "quoted"\nline', { deep: 'Émile' }], id: 4711, to: ['\u202e'] },
    }
    opened.append(request(1, { tool: 'query' }), message({ method: 'tools/call', params }, 'requests'))
    opened.append(request(2), message('z'.repeat(70_000), 'requests'))
    opened.append(request(3), { bytes: Buffer.from('[9007199254740993]'), payload: 'requests' })
    opened.close(FOOTER)
    return opened.path
  }

  it.each([
    ['QUERY', true],
    ['größe', true],
    ['"quoted"\nline', true],
    ['émile', true],
    ['4711', true],
    ['client-closed', true],
    ['z'.repeat(800), true],
    ['z'.repeat(1100), false],
    ['"id":4711', true],
    ['9007199254740993', true],
    ['nowhere', false],
  ])('given %j, finds it: %s', (text, found) => {
    expect(searchLog(log(), text) === 'found').toBe(found)
  })

  it('given a line that is nested as deep as it likes, or a file that is not there, finds what can be found', () => {
    const path = log()
    appendFileSync(path, `{"a":${'['.repeat(200_000)}"a needle"${']'.repeat(200_000)}}\n`)
    expect([
      searchLog(path, 'a needle'),
      searchLog(path, 'hay in a stack'),
      searchLog('/nosuch', 'a needle'),
    ]).toEqual(['found', 'not in what is recorded', 'not found'])
  })
})

describe('what signs, chains and sorts the records', () => {
  const log = (results: 'whole' | 'digest' = 'whole') => {
    const opened = openLog(newState(), {
      audit: { ...AUDIT, payloads: { maxBytes: 65_536, requests: 'whole', results } },
      clock: tickingClock('2026-11-21T10:00:00.000Z'),
    })
    opened.append({ kind: 'refused', from: 'client', why: 'no JSON' }, message('seven swans', 'requests'))
    opened.append(
      request(1, { tool: 'query' }),
      message({ jsonrpc: '2.0', id: 1, params: { kindness: 'feed' } }, 'requests'),
    )
    opened.append(response(1), message({ jsonrpc: '2.0', id: 1, result: { text: 'three geese' } }))
    opened.close(FOOTER)
    const facts = { sql: { kind: 'read', tables: ['swan_lake'], limit: 4712 } }
    appendFileSync(opened.path, `${JSON.stringify({ seq: 9, kind: 'request', facts })}\n`)
    return opened.path
  }
  const digest = hash('sha256', JSON.stringify({ jsonrpc: '2.0', id: 1, result: { text: 'three geese' } }))

  it.each([
    'seq',
    'prev',
    'sha256',
    'jsonrpc',
    'kind":',
    'footer',
    'ed25519:',
    '2026-11-21',
    digest.slice(0, 11),
    digest.slice(20, 40),
  ])('given %j, which is in it nowhere else, does not find it', (text) => {
    expect(searchLog(log(), text)).toBe('not found')
  })

  it('given pieces of the digest of the line before, finds one from its beginning that is long enough', () => {
    const path = log()
    const [header = ''] = readFileSync(path, 'utf8').split('\n')
    const prev = hash('sha256', header)
    const pieces = [prev.slice(0, 11), prev.slice(1, 20), prev.slice(0, 12)]
    expect(pieces.map((piece) => searchLog(path, piece))).toEqual(['not found', 'not found', 'found'])
  })

  it.each([
    ['a digest', digest],
    ['the beginning of a digest, as `show` writes it, in upper case', digest.slice(0, 12).toUpperCase()],
    ['the name of a member of arguments', 'kindness'],
    ['a name of the facts', 'swan_lake'],
    ['a number of the facts', '4712'],
    ['a key of the facts', 'tables'],
    ['a line that was refused, which is recorded in base64', 'SEVEN SWANS'],
    ['a result', 'geese'],
  ])('given %s, finds it', (_, text) => {
    expect(searchLog(log(), text)).toBe('found')
  })

  it('given results that are recorded by their digest, says that not all could be searched', () => {
    const path = log('digest')
    expect([searchLog(path, 'geese'), searchLog(path, 'feed'), searchLog(path, digest)]).toEqual([
      'not in what is recorded',
      'found',
      'found',
    ])
  })
})
