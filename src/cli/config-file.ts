import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { quoted } from '../quoted.ts'
import { refuseLooseMode } from '../loose-mode.ts'
import { HoopctlError } from '../errors.ts'
import { type ConfigInFile, readConfigFile } from '../policy/settings-file.ts'
import type { NetworkSettings } from '../remote/network-settings.ts'
import { configOf } from './config-text.ts'
import type { Context } from './context.ts'
import { isThere } from './directories.ts'
import type { PolicySource } from './policy-source.ts'
import { readIfThere } from './small-file.ts'

/** What a sign-in is kept by. */
export interface SignedInAt {
  readonly issuer: string
  readonly clientId: string
}

/** The person's own settings: `config.yaml` in the configuration directory. null: nothing was said. */
export interface Config {
  /** The policy that `policy add` named. */
  readonly policy: PolicySource | null
  /** The network as `policy add` and `login` found it. */
  readonly network: NetworkSettings | null
  /** Which store holds the tokens: the words of whoever chose it. */
  readonly tokens: Readonly<Record<string, unknown>> | null
  /** Where the person signed in last, and where else before: those sign-ins are kept until `logout`. */
  readonly signIn: (SignedInAt & { readonly earlier: readonly SignedInAt[] }) | null
  /** How a workload gets its token: a file, or client credentials. */
  readonly workload: NonNullable<ConfigInFile['workload']> | null
}

const NOTHING: Config = { policy: null, network: null, tokens: null, signIn: null, workload: null }
const MAX_BYTES = 256 * 1024

/** Names the file. */
export function configPath(context: Context): string {
  return join(context.directories().config, 'config.yaml')
}

/**
 * Reads the person's settings. Throws INPUT_INVALID, with line and column, for what is not known or not of its kind, and
 * FILE_MODE where others may read or write the file.
 */
export async function readConfig(context: Context): Promise<Config> {
  const path = configPath(context)
  // Most people have none, and then nothing is loaded.
  if (!isThere(context.directories().config) || !existsSync(path)) return NOTHING
  const file = readIfThere(path, path, MAX_BYTES)
  if (file === null) return NOTHING
  refuseForeign(path, file.stats.uid)
  refuseLooseMode(path, file.stats)
  const { settings, problems } = readConfigFile(file.bytes, path)
  const [problem] = problems
  if (settings !== null && problem === undefined) return configOf(settings)
  // Without the line's text: it may be the one with a password for the proxy.
  const place = `${path}:${problem?.line ?? 1}:${problem?.column ?? 1}`
  throw new HoopctlError('INPUT_INVALID', `${place}: ${problem?.message ?? 'this cannot be read'}`, {
    hint: problem?.hint ?? 'see docs/configuration.md for what may stand there',
  })
}

function refuseForeign(path: string, owner: number): void {
  if (owner === userInfo().uid) return
  throw new HoopctlError('FILE_MODE', `\`${path}\` belongs to another user, who can change it`, {
    hint: `if it is yours to keep, run: sudo chown $USER ${quoted(path)}`,
  })
}
