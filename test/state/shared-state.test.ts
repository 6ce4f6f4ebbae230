import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { PinStore } from '../../src/state/pins.ts'
import { openSharedState } from '../../src/state/shared-state.ts'
import { anActivation, at, edit, HOLDER, newPlace, open, openActivations, type Place } from './a-state.ts'
import { eventually } from '../eventually.ts'

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** What opening says: its code, its message, its hint. */
function refusal(place: Place): readonly unknown[] {
  try {
    open(place)
    return ['opened']
  } catch (failure) {
    const { code, message, hint } = failure as { code?: string; message?: string; hint?: string }
    return [code, message, hint]
  }
}

describe('openSharedState', () => {
  it('given nothing, makes directories and files that only their owner can read', () => {
    const place = newPlace()
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    const state = open(place)
    state.ring()
    const paths = [place.state, place.run, join(place.run, 'bell')]
    const files = ['state.db', 'state.db-wal', 'state.db-shm'].map((name) => join(place.state, name))
    expect([...paths, ...files].map(modeOf)).toEqual(['700', '700', '600', '600', '600', '600'])
  })

  it.each([
    { path: 'state', mode: 0o755, wanted: '700' },
    { path: 'run', mode: 0o710, wanted: '700' },
    { path: 'state/state.db', mode: 0o644, wanted: '600' },
    { path: 'state/state.db-wal', mode: 0o620, wanted: '600' },
    { path: 'state/state.db-shm', mode: 0o604, wanted: '600' },
  ])(
    'given $path of a looser mode, refuses and prints the command that mends it',
    ({ path, mode, wanted }) => {
      const place = newPlace()
      open(place).changed() // stays open, so that its files are there
      const whole = join(place.root, path)
      chmodSync(whole, mode)
      const message = `\`${whole}\` has mode 0${mode.toString(8)}: other users may touch it`
      expect(refusal(place)).toEqual(['FILE_MODE', message, `run: chmod ${wanted} ${whole}`])
      chmodSync(whole, Number.parseInt(wanted, 8))
      expect(refusal(place)).toEqual(['opened'])
    },
  )

  it('given a database of a newer hoopctl, says so and leaves it alone', () => {
    const place = newPlace()
    open(place).close()
    edit(place, 'PRAGMA user_version = 6')
    const path = join(place.state, 'state.db')
    const message = `\`${path}\` was made by a newer hoopctl: its tables are version 6, this one knows 5`
    expect(refusal(place)).toEqual([
      'STATE_UNWRITABLE',
      message,
      'use the newest hoopctl everywhere on this machine',
    ])
    edit(place, 'PRAGMA user_version = 5')
    expect(refusal(place)).toEqual(['opened'])
  })

  it('given a database that an older hoopctl made for pins alone, keeps the pins and adds the rest', () => {
    const place = newPlace()
    mkdirSync(place.state, { mode: 0o700 })
    edit(
      place,
      `CREATE TABLE pins (identity TEXT NOT NULL, server TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
        definition TEXT NOT NULL, seen TEXT, PRIMARY KEY (identity, name)) STRICT;
        INSERT INTO pins VALUES ('id', 'db', 'tool:a', 'd', '1', NULL)`,
    )
    chmodSync(join(place.state, 'state.db'), 0o600)
    openActivations(place).activations.start(anActivation())
    const pins = new PinStore(place.state)
    onTestFinished(() => pins.close())
    expect(pins.list()).toEqual([{ server: 'db', name: 'tool:a', pinned: '1', seen: null }])
  })

  it.each([
    {
      given: 'a file that is no database',
      spoil: (path: string) => writeFileSync(path, 'x'.repeat(5000), { mode: 0o600 }),
      why: 'file is not a database',
    },
    {
      given: 'a directory in its place',
      spoil: (path: string) => mkdirSync(path, { mode: 0o700 }),
      why: 'unable to open database file',
    },
  ])('given $given, refuses, says which and how to begin anew', ({ spoil, why }) => {
    const place = newPlace()
    mkdirSync(place.state, { mode: 0o700 })
    const path = join(place.state, 'state.db')
    spoil(path)
    const hint = `see to it that you may write in ${place.state}; if state.db is damaged, begin anew: mv ${path} ${path}.broken`
    expect(refusal(place)).toEqual(['STATE_UNWRITABLE', `cannot use \`${path}\`: ${why}`, hint])
    renameSync(path, `${path}.broken`)
    expect(refusal(place)).toEqual(['opened'])
  })

  it.each(['state', 'run'] as const)('given a file where the directory %s should be, refuses', (name) => {
    const place = newPlace()
    writeFileSync(place[name], '')
    expect(refusal(place)[0]).toBe('STATE_UNWRITABLE')
    rmSync(place[name])
    expect(refusal(place)).toEqual(['opened'])
  })
})

describe('a state that cannot be read any more', () => {
  it('given pages that are damaged, throws; it never tells that nothing is there', () => {
    const place = newPlace()
    openActivations(place).activations.start(anActivation())
    edit(place, 'PRAGMA wal_checkpoint(TRUNCATE)')
    const path = join(place.root, 'copy')
    mkdirSync(path, { mode: 0o700 })
    copyFileSync(join(place.state, 'state.db'), join(path, 'state.db'))
    const copy = { ...place, state: path }
    expect(openActivations(copy).activations.live(HOLDER, at(1))).toHaveLength(1)
    const damaged = { ...place, state: join(place.root, 'damaged') }
    mkdirSync(damaged.state, { mode: 0o700 })
    copyFileSync(join(place.state, 'state.db'), join(damaged.state, 'state.db'))
    truncateSync(join(damaged.state, 'state.db'), 8192)
    expect(() => openActivations(damaged).activations.live(HOLDER, at(1))).toThrow('cannot use')
  })

  it.each([
    {
      given: 'a removed',
      spoil: (path: string) => rmSync(path),
      why: 'ENOENT',
    },
    {
      given: 'a replaced',
      spoil: (path: string) => {
        copyFileSync(path, `${path}.copy`)
        renameSync(`${path}.copy`, path)
      },
      why: 'the file was removed or replaced while it was in use',
    },
  ])('given $given file, the question whether it changed throws', ({ spoil, why }) => {
    const place = newPlace()
    const state = open(place)
    expect(state.changed()).toBe(false)
    spoil(join(place.state, 'state.db'))
    expect(() => state.changed()).toThrow(why)
  })

  it('given a full disk, throws, undoes the step, goes on reading, and writes again once there is room', () => {
    const place = newPlace()
    const { activations, state } = openActivations(place)
    activations.start(anActivation())
    const pages = Number(state.database.get('PRAGMA page_count')?.['page_count'])
    state.database.run(`PRAGMA max_page_count = ${pages}`)
    const big = anActivation({ id: 'two', reason: 'x'.repeat(1_000_000) })
    const failure = { code: 'STATE_UNWRITABLE', message: expect.stringContaining('disk is full') as string }
    expect(() => activations.start(big)).toThrow(expect.objectContaining(failure))
    expect(activations.live(HOLDER, at(1))).toEqual([anActivation()])
    state.database.run('PRAGMA max_page_count = 1000000')
    activations.start(big)
    expect(activations.live(HOLDER, at(1))).toEqual([big])
  })

  it('given a state that was closed, throws', () => {
    const { state, activations } = openActivations(newPlace())
    state.close()
    expect(() => state.changed()).toThrow('cannot use')
    expect(() => activations.live(HOLDER, at(1))).toThrow('cannot use')
    state.close()
  })
})

describe('changed', () => {
  it('given a write by another connection, tells so once; given its own, not', () => {
    const place = newPlace()
    const [one, other] = [openActivations(place), openActivations(place)]
    one.state.changed()
    one.activations.start(anActivation())
    expect([one.state.changed(), other.state.changed(), other.state.changed()]).toEqual([false, true, false])
    other.activations.end({}, at(1))
    expect([one.state.changed(), one.state.changed()]).toEqual([true, false])
  })

  it('given work that throws in the middle of a step, nothing of the step is seen', () => {
    const place = newPlace()
    const [one, other] = [openActivations(place), openActivations(place)]
    const work = () => {
      one.activations.start(anActivation())
      throw new Error('in the middle')
    }
    expect(() => one.state.database.atomically(work)).toThrow('in the middle')
    expect([other.state.changed(), other.activations.live(HOLDER, at(1))]).toEqual([false, []])
    one.activations.start(anActivation())
    expect(other.activations.live(HOLDER, at(1))).toHaveLength(1)
  })
})

describe('durably', () => {
  it('given work that a power cut must not undo, waits for the disk, and afterwards not', () => {
    const { database } = open(newPlace())
    const waits = () => database.get('PRAGMA synchronous')?.['synchronous']
    expect([waits(), database.durably(waits), database.atomically(waits), waits()]).toEqual([1, 2, 1, 1])
  })
})

describe('onBell', () => {
  it('given a ring, calls; given an end of listening, does not', async () => {
    const place = newPlace()
    const [one, other] = [open(place), open(place)]
    const [ended, still] = [vi.fn<() => void>(), vi.fn<() => void>()]
    one.onBell(ended)()
    onTestFinished(one.onBell(still))
    other.ring()
    await eventually(() => expect(still).toHaveBeenCalled())
    expect(ended).not.toHaveBeenCalled()
  })

  it('given two who listen, and one who stops, calls the other', async () => {
    const place = newPlace()
    const [one, other] = [open(place), open(place)]
    const [ended, still] = [vi.fn<() => void>(), vi.fn<() => void>()]
    const end = one.onBell(ended)
    onTestFinished(one.onBell(still))
    end()
    other.ring()
    await eventually(() => expect(still).toHaveBeenCalled())
    expect(ended).not.toHaveBeenCalled()
  })

  it('given a bell that was removed, and a run directory that was replaced, calls all the same', async () => {
    const place = newPlace()
    const [one, other] = [open(place), openActivations(place)]
    let changes = 0
    onTestFinished(one.onBell(() => void (one.changed() && (changes += 1))))
    other.activations.start(anActivation())
    other.state.ring()
    await eventually(() => expect(changes).toBe(1))
    rmSync(join(place.run, 'bell'))
    other.activations.end({}, at(1))
    other.state.ring()
    await eventually(() => expect(changes).toBe(2))
    rmSync(place.run, { recursive: true })
    other.activations.start(anActivation({ id: 'two' }))
    other.state.ring()
    expect(existsSync(place.run)).toBe(false)
    await eventually(() => expect(changes).toBe(3))
  })

  it('given a database that is removed, calls, so that the listener finds out', async () => {
    const place = newPlace()
    const state = openSharedState(place.state, place.run)
    const found = new Promise((resolve) => {
      onTestFinished(
        state.onBell(() => {
          try {
            state.changed()
          } catch (failure) {
            resolve(failure)
          }
        }),
      )
    })
    rmSync(join(place.state, 'state.db'))
    expect(await found).toMatchObject({ code: 'STATE_UNWRITABLE' })
    state.close()
  })
})
