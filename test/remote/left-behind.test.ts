import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { sweepLeftBehind } from '../../src/remote/left-behind.ts'
import { temporaryName } from '../../src/remote/temporary-name.ts'

const NAMES = new URL('../../src/remote/temporary-name.ts', import.meta.url).href
const TWO_DAYS_S = 2 * 86_400
const ELSEWHERE = `.${'0'.repeat(16)}-1-${'a'.repeat(24)}`

/** A name that a process gave which was killed then. */
async function namedByKilled(): Promise<string> {
  const script = `import(${JSON.stringify(NAMES)}).then((m) => { console.log(m.temporaryName()); setInterval(() => {}, 1e6) })`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  return String(said).trim()
}

async function swept(...files: readonly { readonly name: string; readonly daysOld?: boolean }[]) {
  const directory = await mkdtemp(join(tmpdir(), 'hoopctl-left-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const { name, daysOld = false } of files) {
    const path = join(directory, name)
    await writeFile(path, 'x')
    const then = Date.now() / 1000 - TWO_DAYS_S
    if (daysOld) await utimes(path, then, then)
  }
  await sweepLeftBehind(directory)
  return readdir(directory)
}

it('given a file of a process that was killed, removes it', async () => {
  const name = await namedByKilled()
  expect(name).toMatch(/^\.[0-9a-f]{16}-\d+-[0-9a-f]{24}$/u)
  expect(await swept({ name })).toEqual([])
})

it.each([
  ['a process that runs', temporaryName()],
  ['another machine', ELSEWHERE],
])('given a file of %s, removes it when nobody has written to it for a day', async (_given, name) => {
  expect(await swept({ name })).toEqual([name])
  expect(await swept({ name, daysOld: true })).toEqual([])
})

it.each(['0000000000.jsonl', '.hidden', `.${'a'.repeat(24)}`])(
  'given `%s`, which is no name of ours, leaves it',
  async (name) => {
    expect(await swept({ name, daysOld: true })).toEqual([name])
  },
)
