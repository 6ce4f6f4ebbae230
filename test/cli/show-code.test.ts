import { stripVTControlCharacters } from 'node:util'
import { encode } from 'uqr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { showCode } from '../../src/cli/show-code.ts'
import { fakeContext } from './fake-context.ts'

const CODE = 'WDJB-MJHT'
const KEYCLOAK = 'https://sso.acme.example/realms/acme/device'
const BEGIN = new Date('2026-11-21T09:14:07Z')

let now: Date
let stop: (() => void) | null
beforeEach(() => {
  vi.useFakeTimers()
  now = BEGIN
  stop = null
})
afterEach(() => {
  stop?.()
  vi.useRealTimers()
})

interface Shown {
  readonly uri?: string
  readonly complete?: string | null
  readonly terminal?: boolean
  readonly width?: number
  readonly rows?: number
}

/** Shows a code for five minutes; gives what stands on the screen, as it is at each look. */
async function show({
  uri = KEYCLOAK,
  complete = null,
  terminal = true,
  ...size
}: Shown): Promise<() => string> {
  const { context, stderr } = fakeContext({ terminal, now: () => now, ...size })
  const expiresAt = new Date(BEGIN.getTime() + 300_000)
  const prompt = { userCode: CODE, verificationUri: uri, verificationUriComplete: complete, expiresAt }
  stop = await showCode(prompt, context)
  return () => stripVTControlCharacters(stderr())
}

const DARK: Readonly<Record<string, readonly [boolean, boolean]>> = {
  '█': [false, false],
  '▀': [false, true],
  '▄': [true, false],
  ' ': [true, true],
}

/** Reads what a camera sees: rows of modules, dark or not; null: there is no QR code. */
function seen(screen: string): boolean[][] | null {
  const lines = screen.split('\n')
  const top = lines.findIndex((line) => /█{21,}/u.test(line))
  if (top === -1) return null
  const { index: left = 0, 0: edge } = /█{21,}/u.exec(lines[top] ?? '') ?? { 0: '' }
  const height = Math.ceil(edge.length / 2)
  const drawn = lines.slice(top, top + height).map((line) => line.slice(left, left + edge.length).split(''))
  const rows = drawn.flatMap((line) => [0, 1].map((half) => line.map((one) => DARK[one]?.[half] ?? false)))
  return rows.slice(0, edge.length)
}

const drawn = (text: string) => encode(text, { ecc: 'L', border: 2 }).data

/** How many rows of a terminal it takes from the code to the countdown. */
function rowsFromCode(screen: string, width: number): number {
  const lines = screen.split('\n')
  return lines
    .slice(lines.findIndex((line) => /[┌█]/u.test(line)))
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.trimEnd().length / width)), 0)
}

describe('the QR code', () => {
  it.each([
    { given: 'an address with the code in it', complete: `${KEYCLOAK}?user_code=${CODE}` },
    { given: 'an address alone', complete: null },
    {
      given: 'a long address with the code in it',
      uri: 'https://keycloak.corp.acme.example/auth/realms/engineering/device',
      complete: `https://keycloak.corp.acme.example/auth/realms/engineering/device?user_code=${CODE}`,
    },
  ])('given $given and 80x24, stands beside the code, and all of it is on one screen', async (given) => {
    const screen = (await show(given))()
    expect(seen(screen)).toEqual(drawn(given.complete ?? KEYCLOAK))
    expect(screen).toContain('W D J B - M J H T')
    expect(screen).toContain(`Type it at: ${given.uri ?? KEYCLOAK}`)
    expect(rowsFromCode(screen, 80)).toBeLessThanOrEqual(24)
  })

  it('given a higher terminal, stands below the code', async () => {
    const lines = (await show({ rows: 50 }))().split('\n')
    expect(seen(lines.join('\n'))).toEqual(drawn(KEYCLOAK))
    const rowOf = (mark: string) => lines.findIndex((line) => line.includes(mark))
    expect(rowOf('W D J B')).toBeLessThan(rowOf('█████'))
    expect(rowOf('█████')).toBeLessThan(rowOf('Type it at'))
  })

  it.each([
    { given: 'an address that is too long for the screen', uri: `${KEYCLOAK}?${'x'.repeat(200)}` },
    { given: 'a low terminal', rows: 12 },
    { given: 'a narrow terminal', width: 40 },
  ])('given $given, is left out, and nothing scrolls away', async ({ given: _, ...size }) => {
    const screen = (await show(size))()
    expect(seen(screen)).toBeNull()
    expect(screen).toContain('W D J B - M J H T')
    expect(rowsFromCode(screen, size.width ?? 80)).toBeLessThanOrEqual(size.rows ?? 24)
  })

  it('given any length of the address, never makes the code scroll away', async () => {
    const sizes = [20, 60, 77, 78, 79, 100, 106, 107, 140, 230, 400]
    for (const rows of [10, 24, 25, 30, 50]) {
      for (const size of sizes) {
        const screen = (await show({ uri: `https://${'a'.repeat(size - 10)}.x`, rows }))()
        expect({ rows, size, fits: rowsFromCode(screen, 80) <= rows }).toEqual({ rows, size, fits: true })
        stop?.()
      }
    }
  })

  it('given no terminal, is left out: a program reads the code', async () => {
    const screen = (await show({ terminal: false }))()
    expect(seen(screen)).toBeNull()
    expect(screen.split('\n').filter((line) => line !== '')).toEqual([
      '  ┌───────────────────────┐',
      '  │   W D J B - M J H T   │',
      '  └───────────────────────┘',
      `  Type it at: ${KEYCLOAK}`,
      '  It counts until 2026-11-21T09:19:07.000Z.',
    ])
  })
})

describe('the countdown', () => {
  const last = (screen: string) => screen.split('\r').at(-1)?.trim()
  const wait = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
    vi.advanceTimersByTime(1000)
  }

  it('tells each second how long the code still counts, down to nothing and no further', async () => {
    const screen = await show({})
    expect(last(screen())).toBe('Waiting for you: 5:00 left')
    wait(1)
    expect(last(screen())).toBe('Waiting for you: 4:59 left')
    wait(294)
    expect(last(screen())).toBe('Waiting for you: 0:05 left')
    wait(60)
    expect(last(screen())).toBe('Waiting for you: 0:00 left')
  })

  it('is taken away when it is over, and tells nothing any more', async () => {
    const screen = await show({})
    stop?.()
    expect(last(screen())).toBe('')
    const before = screen()
    wait(1)
    expect(screen()).toBe(before)
  })
})
