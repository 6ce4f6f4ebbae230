import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { Context } from './context.ts'

/**
 * Starts hoopctl with another command, as a process that nobody waits for and that goes on when this one has ended. Whoever
 * calls it listens for `error`.
 * @param policy `--policy`, as it was typed
 */
export function spawnDetached(
  words: readonly string[],
  policy: string | undefined,
  { launcher: [node, script], env, workingDirectory }: Context,
): ChildProcess {
  const named = policy === undefined ? [] : ['--policy', resolve(workingDirectory, policy)]
  const options = { env: { ...env }, cwd: '/', stdio: 'ignore', detached: true } as const
  const child = spawn(node, [script, ...words, ...named], options)
  child.unref()
  return child
}
