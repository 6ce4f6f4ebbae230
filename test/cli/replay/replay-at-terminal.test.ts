import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSharedState } from '../../../src/state/shared-state.ts'
import { Shims } from '../../../src/state/shims.ts'
import { FOOTER, HEADER, homeWith, linesOf, SESSION, type Written } from './a-session.ts'
import { HOSTILE } from './hostile-session.ts'
import { replayScreens } from './replay-at-tmux.ts'

const open = replayScreens()
const capture = (name: string) => join(import.meta.dirname, 'captures', `${name}.txt`)

describe('the replay screen', () => {
  it.each([
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
    { columns: 40, rows: 15 },
  ])(
    'given $columns×$rows, the start, a denial, an approval’s details, the help and the end look right',
    async (size) => {
      const at = open(homeWith(linesOf(SESSION)).home, size)
      const shot = async (name: string) =>
        expect(at.screen()).toMatchFileSnapshot(capture(`${size.columns}x${size.rows}-${name}`))
      await at.shows('1 of 11')
      await at.hides('(read') // to its end
      await shot('start')
      at.press('d')
      await at.shows('10 of 11')
      await shot('denial')
      at.press('A')
      await at.shows('7 of 11')
      at.press('Enter')
      await at.shows('v records')
      await shot('details')
      at.press('?')
      await at.shows('play and pause')
      await shot('help')
      at.press('Escape')
      await at.shows('A-7K2P9QXM')
      at.press('G')
      await at.shows('the end of the session')
      await shot('end')
    },
  )

  it('given space, plays from entry to entry, and pauses where the person wants', async () => {
    const second = (time: number): Written => ({
      time: `09:14:${time}.000`,
      kind: 'refused',
      from: 'client',
      why: `${time}`,
    })
    const flow = Array.from({ length: 40 }, (_, index) => second(index + 10))
    const at = open(homeWith(linesOf([{ ...HEADER, time: '09:14:09.000' }, ...flow])).home)
    await at.shows('paused 1x')
    at.press('+')
    await at.shows('paused 2x')
    at.press('Space')
    await at.shows('was refused: 12')
    await at.shows('playing 2x')
    at.press('Space')
    await at.shows('paused 2x')
    const paused = at.screen()
    at.press('l')
    const place = Number(/ (\d+) of 41/u.exec(paused)?.[1])
    await at.shows(`${place + 1} of 41`)
  })

  it('given a long gap, shortens it and says so, and ends at the end', async () => {
    const at = open(
      homeWith(linesOf([HEADER, { ...SESSION[9], time: '09:14:08.000' } as Written, FOOTER])).home,
    )
    await at.shows('1 of 3')
    at.press('Space')
    await at.shows('a gap of 11m 38s is shortened to 5s')
    await at.shows('the end of the session')
    await at.shows('paused 1x  3 of 3')
  })

  it('given a text, finds it in arguments and results, forward and back', async () => {
    const at = open(homeWith(linesOf(SESSION)).home)
    await at.shows('1 of 11')
    await at.looksFor('LAMPS')
    await at.shows('4 of 11')
    await at.shows('found inside of it: Return shows it')
    at.press('n')
    await at.shows('5 of 11')
    at.press('n')
    await at.shows('not found: it is in no entry behind this')
    at.press('N')
    await at.shows('4 of 11')
  })

  it('given another size while it runs, draws itself anew', async () => {
    const at = open(homeWith(linesOf(SESSION)).home)
    await at.shows('1 of 11')
    at.resize(40, 15)
    await at.shows('space play  j k  d a')
    await expect(at.screen()).toMatchFileSnapshot(capture('40x15-start'))
    at.resize(80, 24)
    await at.shows('+ - speed')
    await expect(at.screen()).toMatchFileSnapshot(capture('80x24-start'))
  })

  it('given NO_COLOR, says the same in the same places, without a colour', async () => {
    const at = open(homeWith(linesOf(SESSION)).home, { env: { NO_COLOR: '1' } })
    await at.shows('1 of 11')
    await expect(at.screen()).toMatchFileSnapshot(capture('80x24-start'))
    expect(at.written()).not.toMatch(/\u001b\[(?:3|4|9)[0-7]m/u)
    const coloured = open(homeWith(linesOf(SESSION)).home)
    await coloured.shows('1 of 11')
    expect(coloured.written()).toMatch(/\u001b\[33m/u)
  })

  it('given a screen reader, says the entry as lines, without a frame', async () => {
    const at = open(homeWith(linesOf(SESSION)).home, { env: { INK_SCREEN_READER: 'true' } })
    await at.shows('1 of 11')
    at.press('d')
    await at.shows('denied by rules.no-ddl')
    expect(at.screen()).not.toMatch(/[━─]/u)
  })
})

describe('what the screen says of the session', () => {
  it('given one that runs, plays to what is there, says that it runs, and takes what comes', async () => {
    const lines = linesOf(SESSION)
    const beforeEnd = lines.slice(0, lines.trimEnd().lastIndexOf('\n') + 1)
    const { home, path } = homeWith(beforeEnd)
    const state = openSharedState(join(home, 'state'), join(home, 'run'))
    onTestFinished(() => state.close())
    const session = '01KAJ5ZQ3W8T4M7C2D9FBXN6VE'
    const started = new Date()
    new Shims(state).register({
      session,
      pid: process.pid,
      server: 's',
      policy: 'p',
      started,
      subject: null,
      grants: [],
    })
    const at = open(home)
    await at.shows('1 of 10')
    at.press('G')
    await at.shows('all that is recorded by now: the session runs still')
    appendFileSync(path, lines.slice(beforeEnd.length))
    await at.shows('10 of 11')
    at.press('G')
    await at.shows('the end of the session')
  })

  it('given one without an end that nobody runs, says so', async () => {
    const at = open(homeWith(linesOf(SESSION.slice(0, 5))).home)
    await at.shows('1 of 5')
    at.press('G')
    await at.shows('no end is recorded: it was killed, or its end was cut off')
  })

  it('given a line that is no record, shows it as such, and names `verify`', async () => {
    const at = open(homeWith(linesOf([...SESSION.slice(0, 3), 'no record', FOOTER])).home)
    await at.shows('! 1 broken line in the log: hoopctl sessions verify 17 tells whether to believe')
    at.press('G')
    await at.shows('a line that is no record')
  })

  it('given a hostile log (ATK-TERMINAL, ATK-DECEPTION), draws only what it would have drawn', async () => {
    const at = open(homeWith(HOSTILE).home, { columns: 100, rows: 40 })
    await at.shows('1 of 6')
    for (const [place] of Array.from({ length: 6 }).entries()) {
      await at.shows(`${place + 1} of 6`)
      at.press('v')
      await at.shows('as it stands in the log')
      at.press('Escape')
      await at.shows('Return details')
      at.press('l')
    }
    const lines = at.screen().split('\n')
    expect(lines[0]).toMatch(/^hoopctl replay: session 17, ev\\u\{202e\}il\\u\{2502\}\\u\{a\}> q/u)
    expect(lines.filter((line) => line.startsWith('> '))).toHaveLength(1)
    const sequences = new Set(at.written().match(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007]*\u0007|[^[\]])/gu))
    const foreign = [
      '\u001b[5m',
      '\u001b[H',
      '\u001b[7m\u001b',
      '\u001bc',
      '\u001b]0;pwned\u0007',
      '\u001b]8;;x\u0007',
    ]
    expect(foreign.filter((sequence) => sequences.has(sequence))).toEqual([])
    expect(at.written()).not.toMatch(/[\u202e\u2066\u009b\u0085\u200b\u2028\u2029]/u)
  })
})

describe('leaving', () => {
  it.each([
    ['q', 0],
    ['C-c', 130],
  ])('given %s, gives the terminal back and ends with %i', async (key, exitCode) => {
    const at = open(homeWith(linesOf(SESSION)).home)
    await at.shows('1 of 11')
    at.press(key)
    expect(await at.ended()).toEqual({ exitCode, printed: '' })
  })
})
