import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Context } from '../../../src/cli/context.ts'
import { BackgroundUploads } from '../../../src/cli/upload/background-uploads.ts'
import { parsePolicy } from '../../../src/policy/load.ts'
import { filePolicy } from '../../../src/shim/local-feeds.ts'
import { fakeContext } from '../fake-context.ts'

const UPLOADER = join(import.meta.dirname, '../../fixtures/cli/uploader.mjs')
const WAIT = { timeout: 60_000, interval: 20 }

/** Uploads under `audit.upload` with these keys, by processes that tell that they run; `signal` is what a signal does. */
async function uploading(more: string, goesOn: boolean) {
  const root = mkdtempSync(join(tmpdir(), 'hoopctl-background-'))
  const told = join(root, 'told')
  writeFileSync(told, '')
  const text = `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: acme }\nrules: []
audit: { upload: { to: [{ url: "file:///srv/a" }]${more} } }\n`
  const { policy } = await parsePolicy(Buffer.from(text), '/p.yaml')
  if (policy === null) throw new Error('no policy')
  const asked: ((signal: NodeJS.Signals) => void)[] = []
  const context: Context = {
    ...fakeContext().context,
    env: { TOLD: told, GOES_ON: goesOn ? 'yes' : 'no' },
    launcher: [process.execPath, UPLOADER],
    onSignal: (ask) => {
      asked.push(ask)
      return () => undefined
    },
  }
  const feed = filePolicy(policy, '/p.yaml', context.now)
  const about = { feed, policy: 'p.yaml', path: () => told, isWaiting: () => false }
  const ran = () =>
    readFileSync(told, 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { pid: number; words: string[] }]))
  onTestFinished(() => {
    for (const { pid } of ran()) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
    rmSync(root, { recursive: true, force: true })
  })
  const uploads = () => new BackgroundUploads(about, context)
  return { uploads, ran, signal: () => asked.forEach((ask) => ask('SIGTERM')), asked }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('given `required`, uploads at once, not after the first seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] }) // and none of them ever ends
  onTestFinished(() => void vi.useRealTimers())
  const { uploads, ran } = await uploading(', required: 5m', false)
  const one = uploads()
  while (ran().length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(ran()[0]?.words).toEqual(['sessions', 'upload', '--policy', '/p.yaml'])
  await one.close()
})

it('given no `wait`, does not wait for the last upload, which goes on', async () => {
  const { uploads, ran } = await uploading('', true)
  await uploads().close()
  await vi.waitFor(() => expect(ran()).toHaveLength(1), WAIT)
  expect(isRunning(ran()[0]?.pid ?? 0)).toBe(true)
})

it('given `wait`, waits until the last upload has ended', async () => {
  const { uploads, ran } = await uploading(', wait: 1m', false)
  await uploads().close()
  expect(ran()).toHaveLength(1)
  expect(isRunning(ran()[0]?.pid ?? 0)).toBe(false)
})

it('given an upload that takes longer than `wait`, waits no longer, and it goes on', async () => {
  const { uploads, ran } = await uploading(', wait: 1s', true)
  await uploads().close()
  await vi.waitFor(() => expect(ran()).toHaveLength(1), WAIT)
  expect(isRunning(ran()[0]?.pid ?? 0)).toBe(true)
})

it('given a signal while it waits, waits no longer', async () => {
  const { uploads, ran, signal, asked } = await uploading(', wait: 1m', true)
  const closed = uploads().close()
  await vi.waitFor(() => expect(ran()).toHaveLength(1), WAIT)
  expect(asked).toHaveLength(1)
  signal()
  await closed
  expect(isRunning(ran()[0]?.pid ?? 0)).toBe(true)
})
