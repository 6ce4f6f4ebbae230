import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildProgram } from '../../../src/cli/program.ts'
import { fakeContext } from '../fake-context.ts'
import { freshHome, type Home } from '../hoopctl.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const FILES = { bash: 'hoopctl.bash', zsh: '_hoopctl', fish: 'hoopctl.fish', powershell: 'hoopctl.ps1' }
const COMMANDS = buildProgram(fakeContext().context).commands.map((command) => command.name())
const POLICY_COMMANDS = 'add explain init keygen lint refresh schema show sign test trust verify'.split(' ')

let home: Home
let folder: string
beforeAll(async () => {
  home = await freshHome()
  folder = join(home.folder, 'work')
  await mkdir(folder)
  await writeFile(join(folder, 'policy one.yaml'), '')
  await writeFile(join(folder, 'zz-server'), '#!/bin/sh\n')
  await chmod(join(folder, 'zz-server'), 0o755)
})
afterAll(() => home[Symbol.asyncDispose]())

describe.each(Object.entries(FILES))('completion %s', (shell, file) => {
  it(`prints what stands in completions/${file}`, async () => {
    const stdout = await readFile(join(ROOT, 'completions', file), 'utf8')
    expect(await home.hoopctl(['completion', shell])).toEqual({ exitCode: 0, stdout, stderr: '' })
  })
})

describe.each([
  { shell: 'bash', complete: inBash },
  { shell: 'zsh', complete: inZsh },
  { shell: 'fish', complete: inFish },
])('$shell', ({ complete }) => {
  it.each([
    { line: 'hoopctl ', offered: COMMANDS },
    { line: 'hoopctl po', offered: ['policy'] },
    { line: 'hoopctl --v', offered: ['--version'] },
    { line: 'hoopctl policy ', offered: POLICY_COMMANDS },
    { line: 'hoopctl policy li', offered: ['lint'] },
    { line: 'hoopctl policy lint --j', offered: ['--json'] },
    { line: 'hoopctl policy lint po', offered: ['policy one.yaml'] },
    { line: 'hoopctl policy explain --policy po', offered: ['policy one.yaml'] },
    { line: 'hoopctl policy explain --server po', offered: [] },
    { line: 'hoopctl policy init -- zz-s', offered: ['zz-server'] },
    { line: 'hoopctl policy init -- zz-server po', offered: ['policy one.yaml'] },
    {
      line: 'hoopctl sessions ',
      offered: ['list', 'show', 'replay', 'upload', 'verify', 'export', 'prune', 'hold'],
    },
    { line: 'hoopctl sessions show ', offered: ['policy one.yaml', 'zz-server'] },
    { line: 'hoopctl sessions verify --device ', offered: [] },
    { line: 'hoopctl completion ', offered: ['bash', 'fish', 'powershell', 'zsh'] },
    { line: 'hoopctl completion polic', offered: [] },
  ])('given `$line`, offers $offered', async ({ line, offered }) => {
    expect((await complete(line)).toSorted()).toEqual(offered.toSorted())
  })
})

async function inBash(line: string): Promise<string[]> {
  const script = 'source "$1"; COMP_WORDS=($2); [[ $2 == *" " ]] && COMP_WORDS+=("")'
  const call =
    'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hoopctl; for word in "${COMPREPLY[@]}"; do echo "$word"; done'
  return lines('bash', ['--noprofile', '--norc', '-c', `${script}; ${call}`, 'bash', FILES.bash, line])
}

async function inZsh(line: string): Promise<string[]> {
  const capture = join(import.meta.dirname, '..', 'capture-completions.zsh')
  const words = await lines('zsh', ['-f', capture, FILES.zsh, line])
  // Files come as they would be typed, and twice: as what they are, and as what matches a pattern.
  return [...new Set(words.map((word) => word.replaceAll('\\ ', ' ')))]
}

async function inFish(line: string): Promise<string[]> {
  const script = 'source $argv[1]; complete -C $argv[2]'
  const found = await lines('fish', ['--no-config', '-c', script, FILES.fish, line])
  return found.map((candidate) => (candidate.split('\t')[0] ?? '').replaceAll('\\ ', ' '))
}

async function lines(program: string, args: readonly string[]): Promise<string[]> {
  const scripts = args.map((arg) =>
    Object.values(FILES).includes(arg) ? join(ROOT, 'completions', arg) : arg,
  )
  const PATH = `${folder}:${process.env['PATH']}`
  const { stdout } = await execa(program, scripts, { cwd: folder, env: { PATH, HOME: folder, TERM: 'dumb' } })
  return stdout.split('\n').filter((line) => line !== '')
}
