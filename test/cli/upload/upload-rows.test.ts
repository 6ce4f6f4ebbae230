import { expect, it } from 'vitest'
import { uploadJson, uploadLines, type UploadRow } from '../../../src/cli/upload/upload-rows.ts'

const ROW: UploadRow = {
  destination: 'file:///a/',
  sessions: 3,
  waiting: 1,
  bytes: 1234,
  problem: null,
  isGoingOn: true,
}
const since = new Date('2026-11-21T09:14:07Z')
const away = { code: 'UNREACHABLE', message: 'it is\u001b[2J away', hint: 'wait', since }

it.each([
  ['nothing that waits', { waiting: 0, bytes: 0 }, ['all are there']],
  ['one that runs', {}, ['1 not whole there yet (1,234 bytes): it runs, or did a minute ago']],
  ['two that run', { waiting: 2 }, ['2 not whole there yet (1,234 bytes): they run, or did a minute ago']],
  [
    'one that is over',
    { bytes: 1, isGoingOn: false },
    ['1 not whole there yet (1 byte): not sent yet: hoopctl sessions upload'],
  ],
  [
    'a destination that is away',
    { problem: away },
    [
      '1 not whole there yet (1,234 bytes): not reached since 2026-11-21 09:14:07Z: it is\\u{1b}[2J away',
      'hint: wait',
    ],
  ],
  [
    'other bytes there',
    { problem: { ...away, code: 'UPLOAD_CONFLICT' } },
    ['1 not whole there yet (1,234 bytes): since 2026-11-21 09:14:07Z: it is\\u{1b}[2J away', 'hint: wait'],
  ],
] as const)('given %s, says so and why', (_given, more, [first, ...others]) => {
  expect(uploadLines([{ ...ROW, ...more }])).toEqual([`file:///a/: 3 sessions, ${first}`, ...others])
})

it('given a problem, JSON has its code, message, hint and since when', () => {
  const { isGoingOn: _, ...row } = ROW
  expect(uploadJson(ROW)).toEqual(row)
  const problem = { ...away, since: '2026-11-21T09:14:07.000Z' }
  expect(uploadJson({ ...ROW, problem: away })).toEqual({ ...row, problem })
})
