import { describe, expect, it } from 'vitest'
import { segmentName, sessionPrefix } from '../../../src/audit/upload/segment-key.ts'

const NAMED = {
  session: '01KAJ5ZQ3W8T4M7C2D9FBXN6VE',
  started: '2026-11-21T09:14:07.000000Z',
  server: 'orders-db',
  subject: 'alice@acme.example',
}

describe('sessionPrefix', () => {
  it('given a session, names its day, server and subject, so that a bucket can be searched by them', () => {
    expect(sessionPrefix(NAMED)).toBe('2026-11-21/orders-db/alice%40acme.example/01KAJ5ZQ3W8T4M7C2D9FBXN6VE/')
  })

  it('given a wrapped command, or nobody who is signed in, says so', () => {
    expect(sessionPrefix({ ...NAMED, server: null, subject: null })).toBe(
      '2026-11-21/_command/_nobody/01KAJ5ZQ3W8T4M7C2D9FBXN6VE/',
    )
  })

  it.each([
    ['../../etc', '%2E.%2F..%2Fetc'],
    ['a/b c', 'a%2Fb%20c'],
    ['müller', 'm%C3%BCller'],
    ['100%', '100%25'],
    ['', '_'],
  ])('given the subject `%s`, leads nowhere else', (subject, part) => {
    expect(sessionPrefix({ ...NAMED, subject }).split('/')[2]).toBe(part)
  })

  it('given long subjects that begin alike, tells them from each other', () => {
    const [one, other] = ['a', 'b'].map((end) =>
      sessionPrefix({ ...NAMED, subject: '\u00fc'.repeat(200) + end }),
    )
    expect(one).not.toBe(other)
    expect(one?.split('/').every((part) => part.length <= 200)).toBe(true)
  })
})

it('given the number of a line, names segments so that they sort as lines do', () => {
  const names = [0, 9, 10, 258, 1_000_000].map(segmentName)
  expect(names.toSorted()).toEqual(names)
})
