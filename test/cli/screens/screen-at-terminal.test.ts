import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { askedEntry, policyOf } from '../approvals/an-asked-question.ts'
import { withScreen } from '../approvals/approve-at-tmux.ts'
import { argumentsOf, DECEPTIONS } from './deceptions.ts'

const open = withScreen()

const MINUTES = JSON.stringify({
  path: '/srv/notes/minutes.md',
  content: '# Minutes\n\nWe met. Grüße, 日本.\n',
  overwrite: true,
})

async function waiting() {
  const policy = await policyOf()
  const at = (seconds: string) => `2026-11-21T09:13:${seconds}Z`
  const earlier = [
    { at: at('51'), what: 'read_file', effect: 'allow' },
    { at: at('59'), what: 'write_file', effect: 'ask' },
  ]
  return [
    askedEntry({ args: MINUTES, annotations: { destructiveHint: false }, earlier }, policy),
    askedEntry({ id: 'A-0000000A', tool: 'drop_table', args: '{"table":"orders"}', state: 'queued' }, policy),
    askedEntry({ id: 'A-0000000B', tool: 'remove_all', args: '{}', device: 'new' }, policy),
  ]
}

const capture = (name: string) => join(import.meta.dirname, 'captures', `${name}.txt`)

describe('screens', () => {
  it.each([
    { columns: 80, rows: 24 },
    { columns: 200, rows: 50 },
    { columns: 40, rows: 15 },
  ])(
    'given $columns×$rows, the list, a call, its end, the help and nothing left look right',
    async (size) => {
      const name = `${size.columns}x${size.rows}`
      const at = await open({ entries: await waiting() }, size)
      await at.shows('> A-7K2P9QXM')
      await at.settled()
      await expect(at.screen()).toMatchFileSnapshot(capture(`${name}-list`))
      await at.press('Enter')
      await at.hides('A-0000000B')
      await expect(at.screen()).toMatchFileSnapshot(capture(`${name}-call`))
      await at.press('?')
      await at.shows('deny, with a message')
      await expect(at.screen()).toMatchFileSnapshot(capture(`${name}-help`))
      await at.press('Escape')
      await at.shows('A-0000000B')
      at.put({ entries: [] })
      await at.shows('No call waits')
      await expect(at.screen()).toMatchFileSnapshot(capture(`${name}-none`))
    },
  )

  it('given another size while it runs, draws itself anew', async () => {
    const at = await open({ entries: await waiting() })
    await at.shows('> A-7K2P9QXM')
    at.resize(40, 15)
    await at.shows('a approve  d deny')
    await expect(at.screen()).toMatchFileSnapshot(capture('40x15-list'))
    at.resize(80, 24)
    await at.shows('a approve once')
    await expect(at.screen()).toMatchFileSnapshot(capture('80x24-list'))
  })

  it('given NO_COLOR, says the same in the same places, without a colour', async () => {
    const at = await open({ entries: await waiting() }, { env: { NO_COLOR: '1' } })
    await at.settled()
    await expect(at.screen()).toMatchFileSnapshot(capture('80x24-list'))
    expect(at.written()).not.toMatch(/\u001b\[(?:3|4|9)[0-7]m/u)
    const coloured = await open({ entries: await waiting() })
    await coloured.shows('> A-7K2P9QXM')
    expect(coloured.written()).toMatch(/\u001b\[33m/u)
  })

  it('given a screen reader, says all of it as lines, without frames', async () => {
    const at = await open({ entries: await waiting() }, { rows: 50, env: { INK_SCREEN_READER: 'true' } })
    await at.shows('> A-7K2P9QXM')
    await expect(at.screen()).toMatchFileSnapshot(capture('reader-list'))
    // What only time changes is not read aloud: nothing tells when keys count.
    for (let turn = 0; at.answers().length === 0 && turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      await at.press('a')
    }
    await at.shows('Approved A-7K2P9QXM')
    expect(at.answers()).toMatchObject([{ kind: 'approve' }])
  })

  it('given a call that has just come, says that keys do not answer it yet, and then which do', async () => {
    const at = await open({ entries: await waiting() })
    await at.settled()
    const written = at.written()
    const [before, then] = [written.indexOf('keys do not answer yet'), written.indexOf('a approve once')]
    expect(before).toBeGreaterThan(-1)
    expect(then).toBeGreaterThan(before)
  })
})

describe('what could deceive', () => {
  it.each(DECEPTIONS)('given $deception, shows it', async (one) => {
    const at = await open(
      { entries: [askedEntry({ args: argumentsOf(one) }, await policyOf())] },
      { id: 'A-7K2P9QXM' },
    )
    await at.shows('a approve once')
    const lines = at.screen().split('\n')
    for (const shown of one.shows)
      expect(
        lines.some((line) => line.endsWith(shown)),
        `${shown}\n${at.screen()}`,
      ).toBe(true)
  })
})
