import type { Fault } from './fault.ts'

const IMPORTS = 'eslint(no-restricted-imports)'
const GLOBALS = 'eslint(no-restricted-globals)'
const PROPERTIES = 'eslint(no-restricted-properties)'

/** Files that the planted ones import. */
export const NEIGHBOURS: Readonly<Record<string, string>> = {
  'src/leaf.ts': 'export const leaf = 1\n',
  'src/audit/loop.ts': "import { seen } from './round.ts'\nexport const loop = (): unknown => seen\n",
  ...Object.fromEntries(
    ['cli', 'shim', 'policy', 'identity', 'audit', 'remote', 'state'].map((room) => [
      `src/${room}/neighbour.ts`,
      'export const neighbour = 1\n',
    ]),
  ),
}

const SIDEWAYS_AND_UP: readonly (readonly [string, readonly string[]])[] = [
  ['cli', []],
  ['shim', ['cli']],
  ['policy', ['cli', 'shim', 'identity', 'audit', 'remote', 'state']],
  ['identity', ['cli', 'shim', 'policy', 'audit', 'remote', 'state']],
  ['audit', ['cli', 'shim', 'policy', 'identity', 'remote', 'state']],
  ['remote', ['cli', 'shim', 'policy', 'identity', 'audit', 'state']],
  ['state', ['cli', 'shim', 'policy', 'identity', 'audit', 'remote']],
]

const directions: Fault[] = SIDEWAYS_AND_UP.flatMap(([room, closed]) =>
  closed.map((other) => ({
    rule: IMPORTS,
    file: `src/${room}/imports-${other}.ts`,
    fault: `export { neighbour } from '../${other}/neighbour.ts'\n`,
    twin: "export { leaf } from '../leaf.ts'\n",
  })),
)

const leaves: Fault[] = SIDEWAYS_AND_UP.map(([room]) => ({
  rule: IMPORTS,
  file: `src/imports-${room}.ts`,
  fault: `import { neighbour } from './${room}/neighbour.ts'\nexport const seen = neighbour\n`,
  twin: "import { leaf } from './leaf.ts'\nexport const seen = leaf\n",
}))

const forms: Fault[] = [
  {
    rule: IMPORTS,
    file: 'src/audit/type-only.ts',
    fault: "import type { neighbour } from '../shim/neighbour.ts'\nexport type Seen = typeof neighbour\n",
    twin: "import type { leaf } from '../leaf.ts'\nexport type Seen = typeof leaf\n",
  },
  {
    rule: IMPORTS,
    file: 'src/audit/dynamic.ts',
    fault: "export const seen = await import('../shim/neighbour.ts')\n",
    twin: "export const seen = await import('../leaf.ts')\n",
  },
  {
    rule: IMPORTS,
    file: 'src/audit/deep/side.ts',
    fault: "import { neighbour } from '../../policy/neighbour.ts'\nexport const seen = neighbour\n",
    twin: "import { neighbour } from '../neighbour.ts'\nexport const seen = neighbour\n",
  },
]

const HOMES: readonly (readonly [string, string, string])[] = [
  ['commander', 'shim', 'cli'],
  ['commander', 'policy', 'cli'],
  ['execa', 'shim', 'cli'],
  ['@modelcontextprotocol/client', 'shim', 'cli'],
  ['@modelcontextprotocol/sdk/client/index.js', 'shim', 'cli'],
  ['js-yaml', 'cli', 'policy'],
  ['valibot', 'audit', 'policy'],
  ['@marcbachmann/cel-js/evaluator', 'shim', 'policy'],
  ['re2js', 'audit', 'policy'],
  ['node:sqlite', 'audit', 'state'],
  ['node:child_process', 'audit', 'shim'],
  ['node:https', 'audit', 'remote'],
]

const homes: Fault[] = HOMES.map(([name, elsewhere, home]) => {
  const text = `export const loaded = await import('${name}')\n`
  const file = `uses-${name.replaceAll(/\W+|_/g, '-')}.ts`
  return {
    rule: IMPORTS,
    file: `src/${elsewhere}/${file}`,
    fault: text,
    twin: text,
    twinFile: `src/${home}/${file}`,
  }
})

const disk = "import { readFileSync } from 'node:fs'\nexport const read = readFileSync\n"
const purity: Fault[] = [
  ...['process', 'fetch', 'Date', 'performance', 'setTimeout', 'globalThis'].map((name) => ({
    rule: GLOBALS,
    file: `src/policy/uses-${name.toLowerCase()}.ts`,
    fault: `export const seen: unknown = ${name}\n`,
    twin: 'export const seen: unknown = Math\n',
  })),
  {
    rule: GLOBALS,
    file: 'src/leaf-uses-process.ts',
    fault: 'export const seen: unknown = process\n',
    twin: 'export const seen: unknown = Date\n',
  },
  { rule: IMPORTS, file: 'src/policy/disk.ts', fault: disk, twin: disk, twinFile: 'src/policy/load.ts' },
  { rule: IMPORTS, file: 'src/leaf-disk.ts', fault: disk, twin: disk, twinFile: 'src/audit/leaf-disk.ts' },
]

const print = "export function say(): void {\n  process.stdout.write('x')\n}\n"
const printing: Fault[] = [
  ...['shim', 'audit', 'state', 'identity', 'remote'].map((room) => ({
    rule: PROPERTIES,
    file: `src/${room}/prints.ts`,
    fault: print,
    twin: print,
    twinFile: 'src/cli/prints.ts',
  })),
  {
    rule: PROPERTIES,
    file: 'src/shim/takes-stdout-apart.ts',
    fault: 'export const { stdout } = process\n',
    twin: 'export const { platform } = process\n',
  },
  {
    rule: PROPERTIES,
    file: 'src/shim/exits.ts',
    fault: 'export function leave(): void {\n  process.exitCode = 1\n}\n',
    twin: "export function leave(): void {\n  process.title = 'x'\n}\n",
  },
  {
    rule: IMPORTS,
    file: 'src/shim/imports-process.ts',
    fault: "export { stdout as seen } from 'node:process'\n",
    twin: "export { EOL as seen } from 'node:os'\n",
  },
  {
    rule: 'eslint(no-console)',
    file: 'src/shim/logs.ts',
    fault: "export function say(): void {\n  console.error('x')\n}\n",
    twin: "export function say(to: NodeJS.WritableStream): void {\n  to.write('x')\n}\n",
  },
]

/** A planted fault for each rule about rooms: what they may import, touch and print. */
export const ROOM_FAULTS: readonly Fault[] = [
  ...directions,
  ...leaves,
  ...forms,
  ...homes,
  ...purity,
  ...printing,
]
