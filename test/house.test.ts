import { spawnSync } from 'node:child_process'
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { undocumented } from './house/docstrings.ts'
import type { Fault } from './house/fault.ts'
import { MANNER_FAULTS } from './house/manner-faults.ts'
import { NEIGHBOURS, ROOM_FAULTS } from './house/room-faults.ts'

const ROOT = join(import.meta.dirname, '..')
const FAULTS = [...ROOM_FAULTS, ...MANNER_FAULTS]
const homes: string[] = []
let faulty: ReadonlyMap<string, readonly string[]>
let right: ReadonlyMap<string, readonly string[]>

beforeAll(() => {
  faulty = findingsIn(FAULTS.map(({ file, fault }) => [file, fault]))
  right = findingsIn(FAULTS.map((fault) => [twinFile(fault), fault.twin]))
})
afterAll(() => homes.forEach((home) => rmSync(home, { recursive: true })))

describe('the linter', () => {
  it.each(FAULTS)('given $file, reports $rule', ({ file, rule }) => {
    expect(faulty.get(file)).toEqual([rule])
  })

  it.each(FAULTS)('given the twin of $file, reports nothing', (fault) => {
    expect(right.get(twinFile(fault))).toBeUndefined()
  })
})

describe('docstrings', () => {
  it('given an export without one, names it; given its twin, names nothing', () => {
    expect(undocumented('export async function reads(): void {\n')).toEqual(['reads'])
    expect(undocumented('/** Reads. */\nexport async function reads(): void {\n')).toEqual([])
  })

  it('given src/, finds one on every exported function, class and constant', () => {
    const files = globSync('src/**/*.{ts,tsx}', { cwd: ROOT })
    const bare = files.flatMap((file) =>
      undocumented(readFileSync(join(ROOT, file), 'utf8')).map((name) => `${file}: ${name}`),
    )
    expect(bare).toEqual([])
    expect(files).toContain('src/errors.ts')
  })
})

function twinFile({ file, twinFile: elsewhere }: Fault): string {
  return elsewhere ?? file
}

/** Lints a house of its own that holds these files, and returns the broken rules by file. */
function findingsIn(files: readonly (readonly [string, string])[]): Map<string, string[]> {
  const home = mkdtempSync(join(tmpdir(), 'hoopctl-house-'))
  homes.push(home)
  for (const file of ['oxlint.config.ts', 'tsconfig.json', 'package.json'])
    cpSync(join(ROOT, file), join(home, file))
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'))
  for (const [file, text] of [...Object.entries(NEIGHBOURS), ...files]) {
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), text)
  }
  const { stdout } = spawnSync('oxlint', ['--type-aware', '-f', 'json', 'src'], {
    cwd: home,
    encoding: 'utf8',
  })
  return byFile(JSON.parse(stdout))
}

function byFile({
  diagnostics,
}: {
  diagnostics: { filename: string; code: string }[]
}): Map<string, string[]> {
  const findings = new Map<string, string[]>()
  for (const { filename, code } of diagnostics) {
    const rules = findings.get(filename) ?? []
    if (!rules.includes(code)) findings.set(filename, [...rules, code])
  }
  return findings
}
