import type { Fault } from './fault.ts'

const lines = (count: number) => '  seen.push(1)\n'.repeat(count)
const long = (count: number) =>
  `const seen: number[] = []\n/** Counts. */\nexport function count(): void {\n${lines(count)}}\n`
const nested = (inner: string) =>
  `export function sum(a: number[]): number {\n  let s = 0\n  for (const n of a) {\n    if (n > 0) {\n      if (n < 9) {\n${inner}      }\n    }\n  }\n  return s\n}\n`

const sizes: Fault[] = [
  {
    rule: 'eslint(max-lines)',
    file: 'src/audit/long-file.ts',
    fault: 'export {}\n// one line\n'.repeat(126),
    twin: 'export {}\n// one line\n'.repeat(125),
  },
  { rule: 'eslint(max-lines-per-function)', file: 'src/audit/long.ts', fault: long(39), twin: long(38) },
  { rule: 'eslint(max-lines-per-function)', file: 'src/cli/screen.tsx', fault: long(59), twin: long(58) },
  {
    rule: 'eslint(max-depth)',
    file: 'src/audit/deep.ts',
    fault: nested('        if (n > 1) {\n          s += n\n        }\n'),
    twin: nested('        s += n\n'),
  },
]

const manner: Fault[] = [
  {
    rule: 'typescript(no-explicit-any)',
    file: 'src/audit/any.ts',
    fault: 'export const seen = (value: any): string => typeof value\n',
    twin: 'export const seen = (value: unknown): string => typeof value\n',
  },
  {
    rule: 'typescript(no-unsafe-assignment)',
    file: 'src/audit/any-from-json.ts',
    fault: "export const seen: string = JSON.parse('1')\n",
    twin: "export const seen: unknown = JSON.parse('1')\n",
  },
  {
    rule: 'typescript(no-unsafe-return)',
    file: 'src/audit/any-returned.ts',
    fault: 'export function seen(text: string): string {\n  return JSON.parse(text)\n}\n',
    twin: 'export function seen(text: string): string {\n  return JSON.stringify(text)\n}\n',
  },
  {
    rule: 'typescript(no-unsafe-member-access)',
    file: 'src/audit/any-member.ts',
    fault: 'export const seen = (text: string): boolean => JSON.parse(text).length === 1\n',
    twin: 'export const seen = (text: string): boolean => text.length === 1\n',
  },
  {
    rule: 'typescript(no-unsafe-argument)',
    file: 'src/audit/any-argument.ts',
    fault: "export const seen = Number.parseFloat(JSON.parse('1'))\n",
    twin: "export const seen = Number.parseFloat('1')\n",
  },
  {
    rule: 'typescript(no-unsafe-call)',
    file: 'src/audit/any-call.ts',
    fault: 'export const seen = (text: string): void => void JSON.parse(text)()\n',
    twin: 'export const seen = (text: string): void => void JSON.parse(text)\n',
  },
  {
    rule: 'typescript(no-non-null-assertion)',
    file: 'src/audit/bang.ts',
    fault: 'export const seen = (list: string[]): string => list[0]!\n',
    twin: "export const seen = (list: string[]): string => list[0] ?? ''\n",
  },
  {
    rule: 'typescript(no-floating-promises)',
    file: 'src/audit/forgotten.ts',
    fault: 'export function seen(later: Promise<void>): void {\n  later.then(() => 1)\n}\n',
    twin: 'export async function seen(later: Promise<void>): Promise<void> {\n  await later.then(() => 1)\n}\n',
  },
  {
    rule: 'typescript(no-misused-promises)',
    file: 'src/audit/always-true.ts',
    fault: 'export const seen = (later: Promise<boolean>): number => (later ? 1 : 2)\n',
    twin: 'export const seen = async (later: Promise<boolean>): Promise<number> => ((await later) ? 1 : 2)\n',
  },
  {
    rule: 'typescript(switch-exhaustiveness-check)',
    file: 'src/audit/half.ts',
    fault: "export function seen(e: 'a' | 'b'): void {\n  switch (e) {\n    case 'a':\n      break\n  }\n}\n",
    twin: "export function seen(e: 'a' | 'b'): void {\n  switch (e) {\n    case 'a':\n    case 'b':\n      break\n  }\n}\n",
  },
  {
    rule: 'typescript(only-throw-error)',
    file: 'src/audit/throws-text.ts',
    fault: "export function seen(): never {\n  throw 'x'\n}\n",
    twin: "export function seen(): never {\n  throw new Error('x')\n}\n",
  },
  {
    rule: 'typescript(restrict-template-expressions)',
    file: 'src/audit/list-in-text.ts',
    fault: 'export const seen = (value: string[]): string => `${value}`\n',
    twin: 'export const seen = (value: string[]): string => `${value.length}`\n',
  },
  {
    rule: 'typescript(ban-ts-comment)',
    file: 'src/audit/ignored.ts',
    fault: '// @ts-ignore\nexport const seen: number = 1\n',
    twin: '// ignored\nexport const seen: number = 1\n',
  },
  {
    rule: 'eslint(no-unused-vars)',
    file: 'src/audit/unused.ts',
    fault: 'export const seen = (text: string): number => 1\n',
    twin: 'export const seen = (_text: string): number => 1\n',
  },
  {
    rule: 'eslint(eqeqeq)',
    file: 'src/audit/loose.ts',
    fault: "export const seen = (value: unknown): boolean => value == '1'\n",
    twin: 'export const seen = (value: unknown): boolean => value == null\n',
  },
  {
    rule: 'eslint(no-empty)',
    file: 'src/audit/swallowed.ts',
    fault: 'export function seen(run: () => void): void {\n  try {\n    run()\n  } catch {}\n}\n',
    twin: 'export function seen(run: () => void): void {\n  try {\n    run()\n  } catch {\n    // why\n  }\n}\n',
  },
  {
    rule: 'eslint(no-warning-comments)',
    file: 'src/audit/later.ts',
    fault: '// TODO later\nexport const seen = 1\n',
    twin: '// done\nexport const seen = 1\n',
  },
  {
    rule: 'typescript(no-deprecated)',
    file: 'src/audit/deprecated.ts',
    fault: 'export const seen = (text: string): string => text.substr(1)\n',
    twin: 'export const seen = (text: string): string => text.slice(1)\n',
  },
  {
    rule: 'typescript(consistent-type-imports)',
    file: 'src/audit/type-import.ts',
    fault: "import { neighbour } from './neighbour.ts'\nexport type Seen = typeof neighbour\n",
    twin: "import type { neighbour } from './neighbour.ts'\nexport type Seen = typeof neighbour\n",
  },
  {
    rule: 'unicorn(prefer-node-protocol)',
    file: 'src/audit/bare-builtin.ts',
    fault: "import { EOL } from 'os'\nexport const seen = EOL\n",
    twin: "import { EOL } from 'node:os'\nexport const seen = EOL\n",
  },
  {
    rule: 'typescript(no-unnecessary-type-assertion)',
    file: 'src/audit/needless-as.ts',
    fault: 'export const seen = (text: string): string => text as string\n',
    twin: 'export const seen = (text: unknown): string => text as string\n',
  },
  {
    rule: 'import(no-default-export)',
    file: 'src/audit/default.ts',
    fault: 'export default function seen(): void {}\n',
    twin: 'export function seen(): void {}\n',
  },
  {
    rule: 'unicorn(filename-case)',
    file: 'src/audit/notKebab.ts',
    fault: 'export const seen = 1\n',
    twin: 'export const seen = 1\n',
    twinFile: 'src/audit/kebab-case.ts',
  },
  {
    rule: 'oxc(no-barrel-file)',
    file: 'src/audit/barrel.ts',
    fault: "export * from './neighbour.ts'\n",
    twin: "import { neighbour } from './neighbour.ts'\nexport const seen = neighbour\n",
  },
  {
    rule: 'eslint(no-restricted-imports)',
    file: 'src/audit/uses-drawer.ts',
    fault: "import type { x } from './utils.ts'\nexport type Seen = typeof x\n",
    twin: "import type { x } from './digits.ts'\nexport type Seen = typeof x\n",
  },
  {
    rule: 'import(no-cycle)',
    file: 'src/audit/round.ts',
    fault: "import { loop } from './loop.ts'\nexport const seen = (): unknown => loop\n",
    twin: "import { neighbour } from './neighbour.ts'\nexport const seen = neighbour\n",
  },
]

/** A planted fault for each rule about how code is written. */
export const MANNER_FAULTS: readonly Fault[] = [...sizes, ...manner]
