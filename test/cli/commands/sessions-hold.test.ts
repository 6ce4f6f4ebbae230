import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileNameOf } from '../../../src/audit/session-number.ts'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
  recordSession({ stateDirectory, calls: CALLS })
})
afterEach(() => home[Symbol.asyncDispose]())

const holdFile = () => join(stateDirectory, 'sessions', fileNameOf(1).replace('.jsonl', '.hold'))

describe('sessions hold of one that is held already', () => {
  it('given one that is held, adds the reason and says so, and is held for both', async () => {
    const hold = (...more: string[]) => home.hoopctl(['sessions', 'hold', '1', ...more])
    const said = [await hold(), await hold('--reason', 'INC-1'), await hold('--reason', 'INC-2\u202e')]
    const again = [await hold('--reason', 'INC-1'), await hold()]
    const [since, osUser] = /since (\S+) by (\w+)\n/u.exec(said[0]?.stdout ?? '')?.slice(1) ?? []
    const { held } = JSON.parse((await hold('--json')).stdout)
    const [one, two] = held.also
    expect(held).toEqual({
      since,
      osUser,
      reason: null,
      also: [
        { since: one.since, osUser, reason: 'INC-1' },
        { since: two.since, osUser, reason: 'INC-2\u202e' },
      ],
    })
    const words = `it is held since ${since} by ${osUser}`
    const more = [
      `; and since ${one.since} by ${osUser}: INC-1`,
      `; and since ${two.since} by ${osUser}: INC-2`,
    ]
    expect([...said, ...again].map(({ stdout }) => stdout)).toEqual([
      `session 1: ${words}\n`,
      `session 1: it was held already, and this reason is added: ${words}${more[0]}\n`,
      `session 1: it was held already, and this reason is added: ${words}${more.join('')}\\u{202e}\n`,
      `session 1: it was held already, and nothing is added: ${words}${more.join('')}\\u{202e}\n`,
      `session 1: it was held already, and nothing is added: ${words}${more.join('')}\\u{202e}\n`,
    ])
    const [shown] = (await home.hoopctl(['sessions', 'show', '1'])).stdout.split('\n')
    expect(shown).toBe(`${words}${more.join('')}\\u{202e}`)
    const list = await home.hoopctl(['sessions', 'list'])
    expect(list.stdout.split('\n')[1]).toMatch(/ held; INC-1; INC-2\\u\{202e\}$/u)
  })

  it('given a hold of an older hoopctl, without further reasons, adds one', async () => {
    const first = { since: '2026-11-21T09:14:07.000Z', osUser: 'alice', reason: 'INC-1' }
    writeFileSync(holdFile(), JSON.stringify(first))
    const { stdout } = await home.hoopctl(['sessions', 'hold', '1', '--reason', 'INC-2', '--json'])
    const { held } = JSON.parse(stdout)
    expect(held).toEqual({ ...first, also: [{ ...held.also[0], reason: 'INC-2' }] })
  })

  it('given a hold that cannot be read, or with room for no more, adds no reason and says so', async () => {
    const path = holdFile()
    const reason = { since: '2026-11-21T09:14:07.000Z', osUser: 'alice', reason: 'INC-1' }
    const full = JSON.stringify({ ...reason, also: Array.from({ length: 100 }, () => reason) })
    for (const [text, why] of [
      ['held, said somebody', 'who held it, and why, cannot be read'],
      [full, 'it has no room for another reason'],
    ] as const) {
      writeFileSync(path, text)
      expect(await home.hoopctl(['sessions', 'hold', '1', '--reason', 'INC-2'])).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: `hoopctl: session 1 is held already, and ${why}\n  hint: it stays held; to hold it for this reason, end that hold first: \`--release\`\n`,
      })
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })
})
