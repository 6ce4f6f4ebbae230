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

describe('dead code', () => {
  const start = "import { alive } from './alive.ts'\nalive()\n"
  const alive = '/** Lives. */\nexport function alive(): void {}\n'
  const dead = '/** Does not. */\nexport function dead(): void {}\n'
  const onlyTest = "import { dead } from '../src/cli/alive.ts'\ndead()\n"

  it.each([
    { given: 'an export that is used', source: alive, test: '', plain: false, production: false },
    { given: 'an export that nobody uses', source: alive + dead, test: '', plain: true, production: true },
    {
      given: 'an export that lives for a test alone',
      source: alive + dead,
      test: onlyTest,
      plain: false,
      production: true,
    },
  ])(
    'given $given, is found: plain $plain, in production $production',
    ({ source, test, plain, production }) => {
      const home = houseOf([
        ['src/cli/start.ts', start],
        ['src/cli/alive.ts', source],
        ['test/alive.test.ts', test],
      ])
      const finds = (...mode: string[]): boolean =>
        outputOf(home, 'knip', '--no-progress', ...mode).includes('dead')
      expect([finds('--exports'), finds('--exports', '--production')]).toEqual([plain, production])
    },
  )
})

describe('types and format', () => {
  const right = 'export const seen: number = 1\n'
  const NO_NUMBER = "export const seen: number = 'one'\n"

  it.each([
    { given: 'what is right', text: right, types: 0, format: 0 },
    { given: 'a text for a number', text: NO_NUMBER, types: 1, format: 0 },
    { given: 'a semicolon', text: 'export const seen: number = 1;\n', types: 0, format: 1 },
  ])('given $given, tsc ends with $types and biome with $format', ({ text, types, format }) => {
    const home = houseOf([['src/audit/seen.ts', text]])
    const ends = [run(home, 'tsc', '--noEmit').status, run(home, 'biome', 'format', 'src').status]
    expect(ends).toEqual([types, format])
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
  const home = houseOf([...Object.entries(NEIGHBOURS), ...files])
  return byFile(JSON.parse(outputOf(home, 'oxlint', '--type-aware', '-f', 'json', 'src')))
}

function houseOf(files: readonly (readonly [string, string])[]): string {
  const home = mkdtempSync(join(tmpdir(), 'hoopctl-house-'))
  homes.push(home)
  const settings = [
    'oxlint.config.ts',
    'tsconfig.json',
    'package.json',
    'knip.json',
    'biome.json',
    '.gitignore',
  ]
  for (const file of settings) cpSync(join(ROOT, file), join(home, file))
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'))
  for (const [file, text] of files) {
    mkdirSync(dirname(join(home, file)), { recursive: true })
    writeFileSync(join(home, file), text)
  }
  return home
}

function outputOf(home: string, tool: string, ...args: string[]): string {
  return run(home, tool, ...args).stdout
}

function run(home: string, tool: string, ...args: string[]) {
  return spawnSync(tool, args, { cwd: home, encoding: 'utf8' })
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
