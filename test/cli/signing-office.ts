import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../src/cli/run.ts'
import { fakeContext } from './fake-context.ts'
import type { Outcome } from './hoopctl.ts'

export const PASSPHRASE = 'correct horse battery'

/** A folder in which people make keys and sign. Commands run in this process, from the sources. */
export interface Office extends AsyncDisposable {
  readonly folder: string
  write(name: string, text: string | Uint8Array): Promise<void>
  read(name: string): Promise<Buffer>
  /** Removes everything but the keys, which are dear to make, and the files named. */
  clear(...keep: readonly string[]): Promise<void>
  /** Runs `hoopctl policy …`; at a terminal, `typed` is what the person types there. */
  policy(args: readonly string[], surroundings?: Surroundings): Promise<Outcome>
  /** Makes a key file for each name (`ann.key`), and gives the public keys. */
  keys<const T extends readonly string[]>(...names: T): Promise<{ [K in keyof T]: string }>
}

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>
  readonly typed?: string
}

/** Makes an Office. */
export async function openOffice(): Promise<Office> {
  const folder = await mkdtemp(join(tmpdir(), 'hoopctl-office-'))
  const policy = async (args: readonly string[], { env, typed }: Surroundings = {}) => {
    const { context, ...fake } = fakeContext({
      env: env ?? { HOOPCTL_PASSPHRASE: PASSPHRASE },
      workingDirectory: folder,
      terminal: typed !== undefined,
      input: typed ?? '',
    })
    await run(['policy', ...args], context)
    return { exitCode: fake.exitCode(), stdout: fake.stdout(), stderr: fake.stderr() }
  }
  const key = async (name: string) => (await policy(['keygen', '--out', `${name}.key`])).stdout.trim()
  return {
    folder,
    policy,
    write: (name, text) => writeFile(join(folder, name), text, { mode: 0o644 }),
    clear: async (...keep) => {
      for (const name of await readdir(folder)) {
        if (!name.endsWith('.key') && !keep.includes(name)) await rm(join(folder, name), { recursive: true })
      }
    },
    read: (name) => readFile(join(folder, name)),
    keys: async (...names) => {
      const made: string[] = []
      for (const name of names) made.push(await key(name))
      return made as { [K in keyof typeof names]: string } // one for each name
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** A policy that may be signed. */
export function acme(version = 7, more = ''): string {
  return [
    'apiVersion: hoopctl/v1\nkind: Policy',
    `metadata: { name: acme, version: ${version}, expires: 2026-12-20T00:00:00Z }`,
    'identity: { issuer: https://login.acme.example, clientId: hoopctl }',
    `rules:\n  - allow: { tool: read_file }\n${more}`,
  ].join('\n')
}
