import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PinStore, pinsOf } from '../../src/state/pins.ts'

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'hoopctl-pins-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function store(path = directory()): PinStore {
  const opened = new PinStore(path)
  onTestFinished(() => opened.close())
  return opened
}

describe('PinStore', () => {
  it('given a definition for the first time, pins it; given another, says so until it is accepted', () => {
    const pins = store()
    const seen = ['1', '1', '2', '2', '1'].map((text) => pins.check('id', 'db', 'tool:a', text))
    expect(seen).toEqual(['same', 'same', 'changed', 'changed', 'same'])
    expect(pins.list()).toEqual([{ server: 'db', name: 'tool:a', pinned: '1', seen: '2' }])
    expect(pins.accept('db', 'tool:a')).toEqual(['tool:a'])
    expect(pins.list()).toEqual([{ server: 'db', name: 'tool:a', pinned: '2', seen: null }])
    expect([pins.check('id', 'db', 'tool:a', '2'), pins.check('id', 'db', 'tool:a', '1')]).toEqual([
      'same',
      'changed',
    ])
  })

  it('given another server or another command, pins anew', () => {
    const pins = store()
    pins.check('one', 'db', 'tool:a', '1')
    expect(pins.check('two', 'db', 'tool:a', '2')).toBe('same')
    expect(pins.check('one', 'db', 'tool:b', '2')).toBe('same')
  })

  it('given a name, accepts that one only; given a server, only its own; what did not change is not accepted', () => {
    const pins = store()
    for (const [identity, name] of [
      ['x', 'tool:a'],
      ['x', 'tool:b'],
      ['x', 'tool:c'],
      ['y', 'tool:a'],
    ] as const) {
      pins.check(identity, identity, name, '1')
      if (name !== 'tool:c') pins.check(identity, identity, name, '2')
    }
    expect(pins.accept('x', 'tool:b')).toEqual(['tool:b'])
    expect(pins.accept('x', null)).toEqual(['tool:a'])
    expect(pins.accept('x', null)).toEqual([])
    expect(pins.check('y', 'y', 'tool:a', '2')).toBe('changed')
  })

  it('given two processes’ connections, both see what the other pinned and accepted', () => {
    const path = directory()
    const [one, other] = [store(path), store(path)]
    expect(one.check('id', 'db', 'tool:a', '1')).toBe('same')
    expect(other.check('id', 'db', 'tool:a', '2')).toBe('changed')
    one.accept('db', null)
    expect(other.check('id', 'db', 'tool:a', '2')).toBe('same')
  })

  it('makes files that only their owner can read', () => {
    const path = join(directory(), 'state')
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    store(path).check('id', 'db', 'tool:a', '1')
    const modes = ['', 'state.db', 'state.db-wal', 'state.db-shm'].map((name) =>
      (statSync(join(path, name)).mode & 0o777).toString(8),
    )
    expect(modes).toEqual(['700', '600', '600', '600'])
  })
})

describe('pinsOf', () => {
  it('opens nothing before the first definition comes', () => {
    const path = join(directory(), 'state')
    const pins = pinsOf(path, 'id', 'db')
    pins.close()
    expect(() => statSync(path)).toThrow()
    expect(pinsOf(path, 'id', 'db').check('tool:a', '1')).toBe('same')
  })

  it('given a file that is no database, throws, and so trusts nothing', () => {
    const path = directory()
    writeFileSync(
      join(path, 'state.db'),
      'not a database, but long enough to look at, and longer than a header of SQLite is',
    )
    expect(() => pinsOf(path, 'id', 'db').check('tool:a', '1')).toThrow('state.db')
  })
})
