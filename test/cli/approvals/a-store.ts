import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Timers } from '../../../src/cli/approvals/rounds.ts'
import type { ApprovalBucket } from '../../../src/remote/approval-bucket.ts'
import { directoryBucket } from '../../../src/remote/directory-bucket.ts'

/** A store in a directory; what is asked of it is remembered, and may be made to fail. */
export interface TestStore extends ApprovalBucket {
  readonly asked: string[]
  /** Is thrown by each call that it is given for. */
  fault: ((asked: string) => Error | undefined) | null
  /** Writes past all of our code, also over what is there. */
  plant(name: string, bytes: Uint8Array | string): Promise<void>
}

/** Makes an empty store. */
export function aStore(): TestStore {
  const root = mkdtempSync(join(tmpdir(), 'hoopctl-team-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const bucket = directoryBucket(root)
  const asked: string[] = []
  const note = (what: string): void => {
    asked.push(what)
    const fault = store.fault?.(what)
    if (fault !== undefined) throw fault
  }
  const store: TestStore = {
    asked,
    fault: null,
    async put(name, bytes) {
      note(`put ${name}`)
      return bucket.put(name, bytes)
    },
    async list(prefix, after) {
      note(`list ${prefix}`)
      return bucket.list(prefix, after)
    },
    async get(name, most) {
      note(`get ${name}`)
      return bucket.get(name, most)
    },
    async remove(name) {
      note(`remove ${name}`)
      return bucket.remove(name)
    },
    async plant(name, bytes) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), bytes)
    },
  }
  return store
}

/** Timers that go off when the test says so. */
export interface TestTimers extends Timers {
  /** What is waited for, the next first: in milliseconds as they were asked for. */
  readonly pauses: () => number[]
  /** Lets all that is waited for go off, once. */
  readonly fire: () => void
}

/** Makes timers that wait for the test. */
export function someTimers(): TestTimers {
  const waiting = new Map<object, { readonly ms: number; readonly call: () => void }>()
  return {
    random: () => 0.5,
    after: (ms, call) => {
      const key = {}
      waiting.set(key, { ms, call })
      return () => void waiting.delete(key)
    },
    pauses: () => [...waiting.values()].map(({ ms }) => Math.round(ms)),
    fire: () => {
      const due = [...waiting.values()]
      waiting.clear()
      for (const { call } of due) call()
    },
  }
}
