import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

const ROOT = join(import.meta.dirname, '..', '..')

/** The Node.js that the package is built for, whatever the system's own is. */
export const NODE = join(ROOT, 'node_modules', '.bin', 'node')

/** The launcher, as the package ships it; it runs the built bundle. */
export const LAUNCHER = join(ROOT, 'bin', 'hoopctl.js')

export interface Outcome {
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

interface Surroundings {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** A fresh HOOPCTL_HOME in a fresh folder, in which files can be written and hoopctl run; gone when it goes out of scope. */
export interface Home extends AsyncDisposable {
  readonly folder: string
  /** Writes a file into the folder in which hoopctl runs. */
  write(name: string, text: string): Promise<void>
  hoopctl(args: readonly string[], surroundings?: Surroundings): Promise<Outcome>
}

/** Makes a Home. */
export async function freshHome(): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'hoopctl-cli-'))
  return {
    folder,
    write: (name, text) => writeFile(join(folder, name), text),
    hoopctl: (args, surroundings) => hoopctl(args, folder, surroundings),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

async function hoopctl(
  args: readonly string[],
  folder: string,
  surroundings: Surroundings = {},
): Promise<Outcome> {
  const { input = '', env = {}, cwd = folder } = surroundings
  const { exitCode, stdout, stderr } = await execa(NODE, [LAUNCHER, ...args], {
    cwd,
    input,
    env: { PATH: process.env['PATH'], HOME: folder, HOOPCTL_HOME: join(folder, 'home'), ...env },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
  })
  return { exitCode, stdout, stderr }
}
