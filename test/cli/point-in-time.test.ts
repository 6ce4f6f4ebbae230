import { expect, it } from 'vitest'
import { pointInTime } from '../../src/cli/point-in-time.ts'

const NOW = new Date('2026-11-21T09:14:07Z')

it.each([
  ['7d', '2026-11-14T09:14:07.000Z'],
  ['90s', '2026-11-21T09:12:37.000Z'],
  ['2026-11-21', '2026-11-21T00:00:00.000Z'],
  ['2026-11-21T09:14:07Z', '2026-11-21T09:14:07.000Z'],
  ['2026-11-21T09:14:07.250z', '2026-11-21T09:14:07.250Z'],
  ['2026-11-21T09:14:07+01:00', '2026-11-21T08:14:07.000Z'],
  ['2026-11-20T23:30:00-05:30', '2026-11-21T05:00:00.000Z'],
])('given %s, is %s', (text, instant) => {
  expect(pointInTime(text, '--since', NOW).toISOString()).toBe(instant)
})

it.each(
  ['', 'yesterday', '7', '0d', '-7d', '1w', '2026-11', '2026-02-30', '2026-11-21T25:00:00Z'].concat([
    '2026-02-30T10:00:00+01:00',
    '2026-11-21T09:14:07',
    '2026-11-21T09:14:07+25:00',
    '2026-11-21 09:14:07Z',
    '999999999d',
  ]),
)('given `%s`, refuses it and says what a time is', (text) => {
  expect(() => pointInTime(text, '--since', NOW)).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: `\`--since\` wants a point in time, and \`${text}\` is none`,
      hint: 'write it like 2026-11-21T09:14:07Z, 2026-11-21 or, for seven days ago, 7d',
    }),
  )
})
