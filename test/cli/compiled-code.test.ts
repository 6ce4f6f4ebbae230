import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CompiledCode } from '../../src/cli/compiled-code.ts'

const SOURCE = join(import.meta.dirname, '../../src/cli/compiled-code.ts')
let folder: string
let cache: string
let entry: string
let part: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoopctl-compiled-'))
  cache = join(folder, 'cache')
  mkdirSync(cache)
  mkdirSync(join(folder, 'wrap'))
  entry = join(folder, 'entry.cjs')
  writeFileSync(entry, `exports.sum = require('./wrap/part.cjs').add(20, 22); exports.name = __filename`)
  part = join(folder, 'wrap', 'part.cjs')
  writeFileSync(part, `exports.add = function add(a, b) { return a + b }`)
})
afterEach(() => rmSync(folder, { recursive: true }))

const elsewhere = (id: string): unknown => ({ loaded: id })
const start = (directory: string | null = cache): CompiledCode => new CompiledCode(directory, elsewhere)
const kept = (): string[] => readdirSync(cache).toSorted()

function runAndKeep(): unknown {
  const code = start()
  const exported = code.run(entry)
  code.keep()
  return exported
}

// A process of its own: one that ran a text before has its code in memory.
function runElsewhere(): string {
  const script = `const { CompiledCode } = await import(${JSON.stringify(SOURCE)})
    const code = new CompiledCode(${JSON.stringify(cache)}, () => null)
    console.log(code.run(${JSON.stringify(entry)}).sum)
    code.keep()`
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim()
}

describe('CompiledCode', () => {
  it('runs a file and those that it asks for, and keeps what was compiled of these', () => {
    expect(runAndKeep()).toEqual({ sum: 42, name: entry })
    expect(kept()).toEqual([expect.stringMatching(/^part\.cjs-/)])
    expect(kept().map((name) => statSync(join(cache, name)).mode & 0o777)).toEqual([0o600])
  })

  it('given code that was kept, runs that and writes nothing anew', () => {
    expect(runElsewhere()).toBe('42')
    const [ours = ''] = kept()
    writeFileSync(part, readFileSync(part, 'utf8').replace('a + b', 'a * b'))
    expect(runElsewhere()).toBe('440')
    // Code of another text of that length, which V8 does not tell apart: only so can be seen which of the two runs.
    const theirs = kept().find((name) => name !== ours) ?? ''
    writeFileSync(join(cache, theirs), readFileSync(join(cache, ours)))
    const before = statSync(join(cache, theirs))
    expect(runElsewhere()).toBe('42')
    expect(statSync(join(cache, theirs)).ino).toBe(before.ino)
  })

  it('runs a part once, however often it is asked for, and loads others by their name', () => {
    writeFileSync(part, `let ran = 0; exports.ran = () => (ran += 1); exports.path = require('node:path')`)
    writeFileSync(
      entry,
      `const ask = () => require('./wrap/part.cjs'); ask().ran(); exports.ran = ask().ran(); exports.path = ask().path`,
    )
    expect(runAndKeep()).toEqual({ ran: 2, path: { loaded: 'node:path' } })
  })

  it('given a file that fails, or is not there, throws what it throws each time it is asked for', () => {
    writeFileSync(entry, `exports.ask = () => require('./wrap/part.cjs').found`)
    writeFileSync(part, `exports.found = 'half'; require('./missing.cjs')`)
    const { ask } = start().run(entry) as { ask: () => unknown }
    for (let time = 0; time < 2; time += 1) expect(ask).toThrow(/ENOENT.*missing\.cjs/)
    writeFileSync(join(folder, 'wrap', 'missing.cjs'), '')
    expect(ask()).toBe('half')
  })

  it('given a part that was changed and has the same size, runs what it says now', () => {
    runAndKeep()
    writeFileSync(part, readFileSync(part, 'utf8').replace('a + b', 'a * b'))
    expect(runAndKeep()).toEqual({ sum: 440, name: entry })
  })

  it('given another first file of the same size and time, as on a disk image, runs what it says now', () => {
    runAndKeep()
    writeFileSync(entry, readFileSync(entry, 'utf8').replace('add(20, 22)', 'add(30, 33)'))
    expect(kept().some((name) => name.startsWith('entry'))).toBe(false)
    expect(runAndKeep()).toEqual({ sum: 63, name: entry })
  })

  it('given a directory in which nothing can be put into place, leaves nothing there', () => {
    runAndKeep()
    const [name = ''] = kept()
    rmSync(join(cache, name))
    mkdirSync(join(cache, name, 'in-its-place'), { recursive: true })
    expect(runAndKeep()).toEqual({ sum: 42, name: entry })
    expect(kept()).toEqual([name])
  })

  it.each([0, 0.01, 0.1, 0.25, 0.49])(
    'given code of which a disk has changed what stands at %d of it, mends it',
    (share) => {
      expect(runElsewhere()).toBe('42')
      const [path = ''] = kept().map((name) => join(cache, name))
      const whole = readFileSync(path)
      const changed = Buffer.from(whole)
      const place = Math.floor(share * whole.length)
      changed[place] = (changed[place] ?? 0) ^ 0xff
      writeFileSync(path, changed)
      expect(runElsewhere()).toBe('42')
      const mended = readFileSync(path)
      expect(mended.subarray(0, mended.length / 2)).toEqual(mended.subarray(mended.length / 2))
    },
  )

  it('given code that was cut short, runs the file and keeps it whole', () => {
    expect(runElsewhere()).toBe('42')
    const [path = ''] = kept().map((name) => join(cache, name))
    const { size } = statSync(path)
    for (const left of [0, 20, size / 2]) {
      writeFileSync(path, readFileSync(path).subarray(0, left))
      expect(runElsewhere()).toBe('42')
      expect(statSync(path).size).toBe(size)
    }
  })

  it('removes what was kept a month ago, perhaps by a version that is gone', () => {
    writeFileSync(join(cache, 'of-an-old-version'), '')
    utimesSync(join(cache, 'of-an-old-version'), 0, 0)
    writeFileSync(join(cache, 'of-another-node'), '')
    runAndKeep()
    expect(kept()).toEqual(['of-another-node', expect.stringMatching(/^part/)])
  })

  it('given no directory, or one that is not there any more, runs the file and keeps nothing', () => {
    const code = start(null)
    expect(code.run(entry)).toMatchObject({ sum: 42 })
    code.keep()
    expect(kept()).toEqual([])
    rmSync(cache, { recursive: true })
    expect(runAndKeep()).toMatchObject({ sum: 42 })
  })

  it('keeps nothing of files that run after it has kept the others', () => {
    const code = start()
    code.keep()
    code.run(entry)
    code.keep()
    expect(kept()).toEqual([])
  })
})
