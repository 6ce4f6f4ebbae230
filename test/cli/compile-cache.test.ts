import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compileCacheDirectory } from '../../src/cli/compile-cache.ts'

const uid = process.getuid?.() ?? null
let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hoopctl-compile-cache-'))
})
afterEach(() => rmSync(home, { recursive: true }))

function directoryIn(HOOPCTL_HOME: string, as = uid): string | null {
  return compileCacheDirectory(
    { env: { HOOPCTL_HOME }, platform: 'linux', homeDirectory: () => home, managed: () => null },
    as,
  )
}

describe('compileCacheDirectory', () => {
  it('given an empty home, makes a directory that nobody else may enter', () => {
    const directory = directoryIn(home)
    expect(directory).toBe(join(home, 'cache', 'compile'))
    const modes = [join(home, 'cache'), join(home, 'cache', 'compile')].map(
      (path) => statSync(path).mode & 0o777,
    )
    expect(modes).toEqual([0o700, 0o700])
  })

  it.each(['cache', 'cache/compile'])('given a %s that others may write to, names none', (loose) => {
    mkdirSync(join(home, 'cache', 'compile'), { recursive: true, mode: 0o700 })
    chmodSync(join(home, loose), 0o770)
    expect(directoryIn(home)).toBeNull()
    chmodSync(join(home, loose), 0o700)
    expect(directoryIn(home)).toBe(join(home, 'cache', 'compile'))
  })

  it('given a link in place of the directory, names none', () => {
    mkdirSync(join(home, 'cache'), { mode: 0o700 })
    mkdirSync(join(home, 'elsewhere'), { mode: 0o700 })
    symlinkSync(join(home, 'elsewhere'), join(home, 'cache', 'compile'))
    expect(directoryIn(home)).toBeNull()
  })

  it('given directories of another user, names none', () => {
    expect(directoryIn(home, 4_000_000)).toBeNull()
  })

  it('given a home where nothing can be made, names none', () => {
    writeFileSync(join(home, 'file'), '')
    expect(directoryIn(join(home, 'file'))).toBeNull()
  })

  it('given a relative HOOPCTL_HOME, names none', () => {
    expect(directoryIn('relative')).toBeNull()
  })
})
