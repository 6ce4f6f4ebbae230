import { cp, mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../../src/cli/run.ts'
import { fakeContext } from '../fake-context.ts'
import { NODE, type Outcome } from '../hoopctl.ts'
import { makeKeys, pinOf, policyText, signed, trustFile } from './publisher.ts'

// Real processes, from the sources: Node.js strips the types itself.
const ROOT = join(import.meta.dirname, '..', '..', '..')
const MAIN = join(ROOT, 'src', 'cli', 'main.ts')
const KILL = join(ROOT, 'test', 'fixtures', 'central', 'kill-at.mjs')
const keys = makeKeys(1)
const trust = trustFile({ number: 1, signers: keys })

let folder: string
let prepared: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-killed-')))
  await mkdir(join(folder, 'site', 'trust'), { recursive: true })
  await writeFile(join(folder, 'site', 'trust', '1.jws'), trust)
  await publish(7)
  prepared = join(folder, 'prepared')
  const added = ['policy', 'add', 'site/acme.jws', '--trust', pinOf(trust), '--yes']
  expect(await hoopctl(prepared, added)).toMatchObject({ exitCode: 0 })
})
afterAll(() => rm(folder, { recursive: true }))

async function publish(version: number): Promise<void> {
  await writeFile(join(folder, 'site', 'acme.jws'), signed(policyText({ version }), keys))
}

/** Runs a command in a process of its own, which may be killed. */
function started(home: string, args: readonly string[], killAt?: number) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, HOOPCTL_HOME: home, KILL_AT: String(killAt) }
  const preload = killAt === undefined ? [] : ['--import', KILL]
  return execa(NODE, [...preload, MAIN, ...args], { cwd: folder, env, extendEnv: false, reject: false })
}

/** Runs a command in this process, which is quicker. */
async function hoopctl(home: string, args: readonly string[]): Promise<Outcome> {
  const now = () => new Date()
  const { context, ...seen } = fakeContext({ env: { HOOPCTL_HOME: home }, workingDirectory: folder, now })
  await run(args, context)
  return { exitCode: seen.exitCode(), stdout: seen.stdout(), stderr: seen.stderr() }
}

async function versionAt(home: string): Promise<number> {
  const { stdout, stderr } = await hoopctl(home, ['policy', 'show', '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout).version
}

describe('[ATK-POLICY-COPY] a refresh that is killed', () => {
  it('given each step at which it can be, leaves the policy before or the one after, and goes on', async () => {
    const seen: number[] = []
    for (let at = 1; ; at += 1) {
      const home = join(folder, `home-${at}`)
      await cp(prepared, home, { recursive: true })
      await publish(8)
      const { signal, exitCode } = await started(home, ['policy', 'refresh'], at)
      if (signal === undefined) {
        expect(exitCode).toBe(0)
        break
      }
      const site = join(folder, 'site')
      await rename(site, `${site}.away`)
      seen.push(await versionAt(home)) // from what is kept: the source is gone
      await rename(`${site}.away`, site)
      expect(await hoopctl(home, ['policy', 'refresh'])).toMatchObject({ exitCode: 0 })
      expect(await versionAt(home)).toBe(8)
      await publish(7)
      expect(await hoopctl(home, ['policy', 'refresh'])).toMatchObject({ exitCode: 7 })
    }
    expect(new Set(seen)).toEqual(new Set([7, 8]))
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen) // never back
  }, 180_000)
})

describe('refreshes at once', () => {
  it('given four processes for each version, all end well with the newest', async () => {
    const home = join(folder, 'together')
    await cp(prepared, home, { recursive: true })
    for (const version of [8, 9, 10]) {
      await publish(version)
      const four = Array.from({ length: 4 }, () => started(home, ['policy', 'refresh']))
      const ended = await Promise.all(four)
      expect(ended.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)).toEqual(['0 ', '0 ', '0 ', '0 '])
      expect(await versionAt(home)).toBe(version)
    }
  }, 120_000)
})
