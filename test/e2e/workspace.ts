import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { HOOPCTL, NODE, packageFile } from './repo.ts'

/** How to start a program. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
}

/** One entry of the policy's `servers`; anything that the policy's schema takes. */
export type ServerEntry = Readonly<Record<string, unknown>>

export interface WorkspaceOptions {
  readonly rules?: readonly unknown[]
  /** The servers of the policy; absent: `files`, the stock filesystem server on `files`. Gets that directory's path. */
  readonly servers?: (directory: string) => Readonly<Record<string, ServerEntry>>
  /** Further sections of the policy. */
  readonly policy?: Readonly<Record<string, unknown>>
}

/** A person's machine in small: a fresh home, a policy, a directory that servers work in. Removed at the end. */
export interface Workspace extends AsyncDisposable {
  readonly root: string
  /** HOOPCTL_HOME. */
  readonly home: string
  readonly policyFile: string
  /** A path inside the directory that servers work in. */
  readonly path: (...names: string[]) => string
  /** The world, as a test looks at it: is this file there? */
  readonly has: (name: string) => Promise<boolean>
  readonly read: (name: string) => Promise<string>
  /** What a client's configuration holds for this server: exactly these variables, and `more`. */
  readonly wrap: (...words: string[]) => Program
  readonly env: Readonly<Record<string, string>>
  /** Runs one hoopctl command to its end. */
  readonly hoopctl: (...words: string[]) => Promise<Ended>
}

/** How a command ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | undefined
}

/** Rules that allow everything that a rule can be about. */
export const ALLOW_ALL = [
  { allow: { tool: '*' } },
  { allow: { resource: '*' } },
  { allow: { prompt: '*' } },
  { allow: { serverRequest: ['sampling', 'elicitation.form', 'elicitation.url', 'roots'] } },
] as const

/** Makes a workspace with a policy in the place where hoopctl looks for one. */
export async function workspace(options: WorkspaceOptions): Promise<Workspace> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-e2e-')))
  const home = join(root, 'hoopctl')
  const directory = join(root, 'files')
  const policyFile = join(home, 'config', 'policy.yaml')
  for (const path of [home, join(home, 'config')]) await mkdir(path, { mode: 0o700 })
  await mkdir(directory)
  await writeFile(policyFile, policyText(options, directory), { mode: 0o600 })
  const env = { HOME: root, PATH: '/usr/local/bin:/usr/bin:/bin', HOOPCTL_HOME: home }
  return {
    root,
    home,
    policyFile,
    env,
    path: (...names) => join(directory, ...names),
    has: (name) =>
      access(join(directory, name)).then(
        () => true,
        () => false,
      ),
    read: (name) => readFile(join(directory, name), 'utf8'),
    wrap: (...words) => ({ command: NODE, args: [HOOPCTL, 'wrap', ...words] }),
    hoopctl: async (...words) => {
      const options = { cwd: root, env, extendEnv: false, reject: false, stripFinalNewline: false } as const
      const { stdout, stderr, exitCode } = await execa(NODE, [HOOPCTL, ...words], options)
      return { stdout, stderr, exitCode }
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

// JSON is YAML, and needs no care about what YAML would make of a value.
function policyText(
  { rules = [], servers = stockFiles, policy = {} }: WorkspaceOptions,
  directory: string,
): string {
  const head = { apiVersion: 'hoopctl/v1', kind: 'Policy', metadata: { name: 'e2e' } }
  return JSON.stringify({ ...head, servers: servers(directory), rules, ...policy }, null, 2)
}

function stockFiles(directory: string): Record<string, ServerEntry> {
  const script = packageFile('@modelcontextprotocol/server-filesystem', 'dist/index.js')
  return { files: { run: { command: NODE, args: [script, directory] } } }
}
