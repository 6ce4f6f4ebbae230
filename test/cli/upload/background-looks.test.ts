import { EventEmitter } from 'node:events'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BackgroundUploads } from '../../../src/cli/upload/background-uploads.ts'
import { parsePolicy } from '../../../src/policy/load.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { fakeContext } from '../fake-context.ts'

const started: EventEmitter[] = []
const words: (readonly string[])[] = []
vi.mock('node:child_process', () => ({
  spawn: (_node: string, args: readonly string[]) => {
    words.push(args.slice(1))
    const child = Object.assign(new EventEmitter(), { unref: () => undefined })
    started.push(child)
    return child
  },
}))

let directory: string
beforeEach(() => {
  started.length = 0
  words.length = 0
  directory = mkdtempSync(join(tmpdir(), 'hoopctl-uploads-'))
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(directory, { recursive: true })
})

async function policyTo(to: string): Promise<Policy> {
  const text = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: acme, version: 1, expires: 2026-12-20T00:00:00Z }
identity: { issuer: "https://login.acme.example", clientId: hoopctl }
rules: []
audit: { upload: { to: [${to}] } }
`
  const { policy } = await parsePolicy(Buffer.from(text), 'p.yaml', { signed: true })
  if (policy === null) throw new Error('this policy does not load')
  return policy
}

/** Uploads of a session that writes all the time; gives how many were started in so many seconds, each ending as told. */
async function uploading(to: string, exitCode: number) {
  const now = { policy: await policyTo(to), key: '', blocked: null, ends: null, refreshes: null }
  const feed = { current: () => now, onChange: () => () => undefined }
  const path = join(directory, 'log')
  const uploads = new BackgroundUploads(
    { feed, policy: undefined, path: () => path, isWaiting: () => false },
    fakeContext().context,
  )
  return {
    uploads,
    within: (seconds: number) => {
      const before = started.length
      for (let second = 0; second < seconds; second += 1) {
        appendFileSync(path, 'x')
        vi.advanceTimersByTime(1000)
        started.at(-1)?.emit('exit', exitCode)
      }
      return started.length - before
    },
  }
}

const BUCKET = '{ url: "s3://acme-audit/" }'
const WEB = '{ url: "https://evidence.acme.example/", audience: "https://evidence.acme.example" }'

it('given a bucket, looks every ten seconds, and once at the end', async () => {
  const { uploads, within } = await uploading(BUCKET, 0)
  const looks = within(600)
  expect(looks).toBeGreaterThanOrEqual(48)
  expect(looks).toBeLessThanOrEqual(81)
  void uploads.close()
  expect([started.length - looks, within(600)]).toEqual([1, 0])
  expect(new Set(words.map((each) => each.join(' ')))).toEqual(new Set(['sessions upload']))
})

it('given a web server, for which each process has a token made, has it go on, but for the last', async () => {
  const { uploads, within } = await uploading(`${BUCKET}, ${WEB}`, 0)
  within(60)
  void uploads.close()
  expect(words.map((each) => each.join(' ')).slice(-2)).toEqual([
    'sessions upload --for 2m',
    'sessions upload',
  ])
})

it('given failures, looks less and less often, and at least every quarter of an hour', async () => {
  const { uploads, within } = await uploading(BUCKET, 8)
  expect(within(3600)).toBeLessThanOrEqual(16)
  expect(within(900)).toBeGreaterThanOrEqual(1)
  void uploads.close()
})
