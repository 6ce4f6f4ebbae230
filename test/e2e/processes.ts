import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { vi } from 'vitest'

/** Waits until a process has ended. One that nobody reaped (a zombie) has. */
export async function untilGone(pid: number): Promise<void> {
  await vi.waitUntil(async () => !(await isRunning(pid)), { timeout: 60_000, interval: 20 })
}

/** Says whether a process runs; `ps` knows zombies on Linux and macOS alike. */
export async function isRunning(pid: number): Promise<boolean> {
  const run = promisify(execFile)
  const state = await run('ps', ['-o', 'stat=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim(),
    () => '', // `ps` fails where there is no such process
  )
  return state !== '' && !state.startsWith('Z')
}
