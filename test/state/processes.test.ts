import { writeFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Events } from '../../src/state/events.ts'
import { Locks } from '../../src/state/locks.ts'
import { VersionMarks } from '../../src/state/version-marks.ts'
import { anActivation, at, HOLDER, newPlace, open, openActivations, startScript } from './a-state.ts'

describe('processes', () => {
  it('given a change by another process, a listener wakes and sees it; its bell keeps it not alive', async () => {
    const place = newPlace()
    const { activations, state } = openActivations(place)
    const listener = startScript('listen.ts', place)
    expect(await listener.line()).toBe('.')
    activations.start(anActivation())
    state.ring()
    expect(await listener.line()).toBe('one.')
    activations.end({ id: 'one' }, at(60))
    expect(await listener.line()).toBe('.') // nobody rang
    listener.child.stdin?.end()
    expect((await listener.ended).code).toBe(0)
  })

  it('given ten processes that each claim five uses of 20, 20 calls pass', async () => {
    const place = newPlace()
    const { activations } = openActivations(place)
    activations.start(anActivation({ uses: 20 }))
    const claimers = Array.from({ length: 10 }, () => startScript('claim-uses.ts', place, '5'))
    for (const claimer of claimers) expect(await claimer.line()).toBe('ready')
    for (const claimer of claimers) claimer.child.stdin?.write('go\n')
    const passed = await Promise.all(claimers.map(async ({ line }) => Number(await line())))
    expect(passed.reduce((sum, each) => sum + each)).toBe(20)
    expect(await Promise.all(claimers.map(async ({ ended }) => (await ended).code))).toEqual(
      claimers.map(() => 0),
    )
    expect([activations.usesLeft('one', at(60)), activations.live(HOLDER, at(60))]).toEqual([0, []])
  })

  it('given ten processes that open a state which is not there yet, all do', async () => {
    const place = newPlace()
    const all = Array.from({ length: 10 }, () => startScript('claim-uses.ts', place, '1'))
    for (const each of all) expect(await each.line()).toBe('ready')
    for (const each of all) each.child.stdin?.write('go\n')
    expect(await Promise.all(all.map(({ ended }) => ended))).toEqual(
      all.map(() => ({ code: 0, lines: ['ready', '0'] })),
    )
  })

  it('given another process that writes almost all of the time, a write finds its moment between', async () => {
    const place = newPlace()
    const { activations } = openActivations(place)
    expect(await startScript('write-slowly.ts', place).line()).toBe('held')
    for (let own = 1; own <= 30; own += 1) activations.start(anActivation({ id: `own-${own}` }))
    expect(activations.live(HOLDER, at(60))).toMatchObject([{ id: 'own-30' }])
  })

  it('given writers that are killed in the middle, what they had told is there and the state is sound', async () => {
    const place = newPlace()
    for (let run = 0; run < 4; run += 1) {
      const names = [`a${run}`, `b${run}`]
      const writers = names.map((name) => startScript('write-forever.ts', place, name))
      const rounds = 1 + Math.floor(Math.random() * 12)
      for (const writer of writers) {
        for (let round = 1; round <= rounds; round += 1) expect(await writer.line()).toBe(`${round}`)
      }
      for (const { child } of writers) child.kill('SIGKILL')
      const told = await Promise.all(writers.map(async ({ ended }) => Number((await ended).lines.at(-1))))
      const { state, activations, refused } = openActivations(place)
      expect(state.database.all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
      const [first, second] = names.map((name, index) => {
        const live = activations.live(HOLDER, at(1)).find(({ grant }) => grant === name)
        const least = told[index] ?? Number.NaN
        return Number(live?.id.split('-')[1]) >= least && new VersionMarks(state).check(name, least - 1, '')
      })
      expect([first, second, refused]).toEqual(['older', 'older', []])
      expect(new Events(state).since(0).length).toBeGreaterThan(0)
    }
  })
})

describe('locks', () => {
  it('given a holder that is killed, the next one has it at once', async () => {
    const place = newPlace()
    const locks = new Locks(place.run)
    const holder = startScript('hold-lock.ts', place, 'refresh')
    expect(await holder.line()).toBe('held')
    const refused = locks.withLock('refresh', 60, () => Promise.resolve('mine'))
    await expect(refused).rejects.toMatchObject({
      code: 'STATE_UNWRITABLE',
      message: 'another hoopctl process has held the lock `refresh` for more than 0.06 s',
    })
    expect(await locks.withLock('other', 0, () => Promise.resolve('free'))).toBe('free')
    const waiting = locks.withLock('refresh', 60_000, () => Promise.resolve('mine'))
    holder.child.kill('SIGKILL')
    expect(await waiting).toBe('mine')
  })

  it('given ten processes that count in one file, no count is lost', async () => {
    const place = newPlace()
    open(place)
    writeFileSync(join(place.root, 'count'), '0')
    const counters = Array.from({ length: 10 }, () => startScript('count-up.ts', place, '5'))
    await Promise.all(counters.map(({ ended }) => ended))
    expect(readFileSync(join(place.root, 'count'), 'utf8')).toBe('50')
  })

  it('given two at once in one process, one after the other; given work that fails, the lock is free again', async () => {
    const locks = new Locks(newPlace().run)
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      seen.push(`${name} ends`)
    }
    await Promise.all([locks.withLock('a', 60_000, work('one')), locks.withLock('a', 60_000, work('two'))])
    expect(seen).toEqual(['one begins', 'one ends', 'two begins', 'two ends'])
    await expect(locks.withLock('a', 0, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await locks.withLock('a', 0, () => Promise.resolve(1))).toBe(1)
  })

  it('given a file that is no lock, says which; given a name that could leave the directory, throws', async () => {
    const place = newPlace()
    open(place)
    writeFileSync(join(place.run, 'bad.lock'), 'x'.repeat(5000), { mode: 0o600 })
    const locks = new Locks(place.run)
    const work = () => Promise.resolve(1)
    await expect(locks.withLock('bad', 0, work)).rejects.toThrow('bad.lock`: file is not a database')
    await expect(locks.withLock('../bad', 0, work)).rejects.toThrow('a lock has a name')
  })
})
