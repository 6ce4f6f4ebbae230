import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { StoreSurroundings } from '../../src/identity/choose-token-store.ts'

/** What clients pass on to the servers that they start, and nothing else. */
export const SMALL_ENVIRONMENT = {
  HOME: tmpdir(),
  LOGNAME: 'somebody',
  PATH: process.env['PATH'],
  SHELL: '/bin/sh',
  TERM: 'dumb',
  USER: 'somebody',
}

/** Makes surroundings on Linux with a state directory of their own, where nobody can be asked. */
export function surroundings(
  env: Readonly<Record<string, string | undefined>> = {},
  others: Partial<StoreSurroundings> = {},
): StoreSurroundings {
  return {
    env: { ...SMALL_ENVIRONMENT, ...env },
    platform: 'linux',
    uid: userInfo().uid,
    directories: { state: temporaryFolder() },
    prompt: null,
    ...others,
  }
}

/** Makes a folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
