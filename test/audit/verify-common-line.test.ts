import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/digest.ts'
import { parsed } from '../../src/parsed.ts'
import { isRecord, type LogRecord } from '../../src/audit/log-record.ts'
import { checkCommonLine } from '../../src/audit/verify-common-line.ts'
import { message, newState, openLog, request, response } from './a-log.ts'

/** The lines of a log that has nothing uncommon in it but a header, a context and a footer. */
function commonLines(): string[] {
  const log = openLog(newState())
  log.append(
    request(1, { tool: 'query' }),
    message({ method: 'tools/call', params: { id: 1.5 } }, 'requests'),
  )
  log.append(response(1, { isError: false }), message({ result: { text: 'é\u202e x"\\ \n' } }))
  log.append(request(2, { resource: 'file:///a' }), message({ method: 'resources/read' }, 'requests'))
  log.append(response(2), { length: 9, sha256: '0'.repeat(64), head: Buffer.from(''), payload: 'none' })
  log.commit()
  return readFileSync(log.path, 'utf8').split('\n').slice(1, 5)
}

const check = (line: string) => checkCommonLine(Buffer.from(line))

/** What docs/session-log.md asks of one line, in the shortest words. */
function isValid(line: string): boolean {
  const whole = parsed(line)
  if (!isRecord(whole)) return false
  const { message: _, ...record }: LogRecord = whole
  const envelope = JSON.stringify(record)
  const rest = line.slice(envelope.length - 1)
  if (!line.startsWith(envelope.slice(0, -1))) return false
  if (rest === '}') return !('message' in whole)
  const bytes = rest.slice(',"message":'.length, -1)
  const isMessage = rest.startsWith(',"message":') && rest.endsWith('}') && parsed(bytes) !== undefined
  return isMessage && Buffer.byteLength(bytes) === record['bytes'] && sha256(bytes) === record['sha256']
}

describe('checkCommonLine', () => {
  it('given requests and answers, tells their place without parsing them', () => {
    const lines = commonLines()
    const told = lines.map((line) => {
      const { seq, at, kind, prev } = JSON.parse(line) as Record<string, unknown>
      return { seq, at, kind, prev, record: {}, signedText: '' }
    })
    expect(told.map(({ kind }) => kind)).toEqual(['request', 'response', 'request', 'response'])
    expect(lines.map(check)).toEqual(told)
  })

  it('given one of them with a few characters changed, takes none that is not valid', () => {
    const lines = commonLines()
    const character = fc.constantFrom(
      ...'{}[]",:\\ 01-.e\u0000é'.split(''),
      '"from":"client",',
      ',"message":1',
      '',
    )
    const edit = fc.record({ at: fc.nat(), out: fc.nat({ max: 2 }), into: character })
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.array(edit, { maxLength: 2 }), (line, edits) => {
        let text = line
        for (const { at, out, into } of edits) {
          const start = at % (text.length + 1)
          text = text.slice(0, start) + into + text.slice(start + out)
        }
        const isTaken = check(text) !== null
        expect({ text, taken: isTaken && !isValid(text) }).toEqual({ text, taken: false })
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    ['a value', '{"a":[1, "é"]}', true],
    ['bytes that are not UTF-8', Buffer.from('22ff22', 'hex'), false],
    ['a value and members behind it', '1,"decision":{"effect":"deny"}', false],
    ['half a value', '{"a":1', false],
    ['nothing', '', false],
  ])(
    'given a message that is %s, with its digest, takes it or leaves it to the whole check',
    (_, text, taken) => {
      const bytes = Buffer.from(text)
      const [whole = ''] = commonLines()
      const start = whole.slice(0, whole.indexOf(',"bytes":'))
      const digest = `,"bytes":${bytes.length},"sha256":"${sha256(bytes)}","message":`
      const line = Buffer.concat([Buffer.from(start + digest), bytes, Buffer.from('}')])
      expect(checkCommonLine(line) !== null).toBe(taken)
    },
  )
})
