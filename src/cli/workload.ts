import { HoopctlError } from '../errors.ts'
import { WorkloadSignIn } from '../identity/workload-sign-in.ts'
import { type WorkloadSource, workloadSource } from '../identity/workload-source.ts'
import { Secret } from '../secret.ts'
import { visible } from '../visible.ts'
import { type Config, readConfig } from './config-file.ts'
import type { Context } from './context.ts'
import { httpClient } from './open-sign-ins.ts'

/**
 * Opens the sign-in of a workload: the one that was set up, else where its platform says that tokens are; null where
 * neither is. Throws INPUT_INVALID for a secret or key that cannot be read.
 */
export async function openWorkload(context: Context): Promise<WorkloadSignIn | null> {
  const config = await readConfig(context)
  const source = await workloadSourceOf(config, context)
  if (source === null) return null
  return new WorkloadSignIn({ source, http: httpClient(config, context), now: context.now })
}

/**
 * Tells where the token of the workload comes from that runs here; null: none runs here. Throws INPUT_INVALID for a secret or
 * key that cannot be read.
 */
export async function workloadSourceOf(
  { workload }: Pick<Config, 'workload'>,
  { env }: Context,
): Promise<WorkloadSource | null> {
  if (workload === null) return workloadSource(env, null)
  if (workload.file !== undefined) return workloadSource(env, workload.file)
  const { issuer, clientId, keyFile, secretFile, parameters = {} } = workload
  if (issuer === undefined || clientId === undefined) throw incomplete()
  if (keyFile !== undefined) {
    const pem = await secretIn(keyFile)
    return { kind: 'client', issuer, clientId, proof: { kind: 'key', pem, kid: null }, parameters }
  }
  if (secretFile === undefined) throw incomplete()
  const secret = await secretIn(secretFile)
  return { kind: 'client', issuer, clientId, proof: { kind: 'secret', secret }, parameters }
}

async function secretIn(path: string): Promise<Secret> {
  const { readFile } = await import('node:fs/promises') // dear to load
  try {
    return new Secret((await readFile(path, 'utf8')).trim())
  } catch (cause) {
    const message = `\`${visible(path)}\` cannot be read, and the workload signs in with it`
    throw new HoopctlError('INPUT_INVALID', message, {
      hint: `look at it with: ls -l ${visible(path)}`,
      cause,
    })
  }
}

function incomplete(): HoopctlError {
  const message = 'config.yaml says half of how the workload signs in'
  return new HoopctlError('INPUT_INVALID', message, { hint: 'run: hoopctl login --workload … anew' })
}
