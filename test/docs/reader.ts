import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { HOOPCTL, NODE, ROOT } from '../e2e/repo.ts'

/** Someone who reads the documentation and types what it says, in a folder like a clone. */
export interface Reader extends AsyncDisposable {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  /** Runs a line of shell; what it prints on both streams, in order, and how it ended. */
  readonly types: (
    line: string,
  ) => Promise<{ readonly output: string; readonly exitCode: number | undefined }>
}

/** Makes a folder with a copy of the examples, the built command on the path, and a home of its own; `more` is its environment. */
export function reader(more: Readonly<Record<string, string>> = {}): Reader {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hoopctl-docs-')))
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true })
  chmodSync(join(folder, 'examples', 'orders-db', 'policy.yaml'), 0o600) // whatever the umask of the clone was
  for (const name of ['node_modules', 'bin', 'dist', 'docs'])
    symlinkSync(join(ROOT, name), join(folder, name))
  const commands = join(folder, 'commands')
  mkdirSync(commands)
  writeFileSync(join(commands, 'hoopctl'), `#!/bin/sh\nexec '${NODE}' '${HOOPCTL}' "$@"\n`, { mode: 0o700 })
  const env = {
    HOME: folder,
    HOOPCTL_HOME: join(folder, 'home'),
    PATH: `${commands}:/usr/bin:/bin`,
    TMPDIR: join(folder, 'tmp'),
    NO_COLOR: '1',
    ...more,
  }
  mkdirSync(env.TMPDIR)
  return {
    folder,
    env,
    types: async (line) => {
      const options = { cwd: folder, env, extendEnv: false, reject: false } as const
      // Both streams into one pipe, as at a terminal: of two pipes nobody can say which line came first.
      const { stdout, exitCode } = await execa('sh', ['-c', `exec 2>&1\n${line}`], options)
      return { output: stdout, exitCode }
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}
