import { expect, it } from 'vitest'
import { parseInstant } from '../src/instant.ts'

it.each([
  ['2026-12-20T00:00:00Z', '2026-12-20T00:00:00.000Z'],
  ['2028-02-29T23:59:59.5Z', '2028-02-29T23:59:59.500Z'],
])('given %s, gives that instant', (text, instant) => {
  expect(parseInstant(text)?.toISOString()).toBe(instant)
})

it.each([
  '2026-02-30T00:00:00Z',
  '2026-12-20',
  '2026-12-20T00:00:00+01:00',
  '2026-12-20T24:00:00Z',
  '2026-13-01T00:00:00Z',
  ' 2026-12-20T00:00:00Z',
  '',
])('given `%s`, which is no instant in UTC, gives null', (text) => {
  expect(parseInstant(text)).toBe(null)
})
