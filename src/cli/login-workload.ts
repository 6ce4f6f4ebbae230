import { resolve } from 'node:path'
import { HoopctlError } from '../errors.ts'
import type { Policy } from '../policy/policy.ts'
import type { SignIn } from '../sign-in.ts'
import { visible } from '../visible.ts'
import { policyInForce } from './asker.ts'
import { updateConfig } from './change-config.ts'
import type { Config } from './config-file.ts'
import type { Context } from './context.ts'
import { jsonLine } from './json.ts'
import { notSignedIn } from './sign-in-under.ts'
import { subjectLines, subjectRow, whoIs } from './whoami.ts'
import { openWorkload } from './workload.ts'
import { tellShims } from './tell-shims.ts'

/** What was asked for on the command line of `login --workload`. */
export interface WorkloadOptions {
  /** A file that holds a token, or `client`. */
  readonly workload: string
  readonly issuer: string | undefined
  readonly clientId: string | undefined
  readonly keyFile?: string
  readonly secretFile?: string
  readonly parameter?: readonly string[]
  readonly json: boolean
}

/**
 * Saves how the workload that runs here gets its token, and shows who it is under the policy in force, if there is one yet.
 * Nothing secret is saved: files are named, not copied. Throws USAGE, NOT_SIGNED_IN and what reading the policy throws.
 */
export async function loginWorkload(options: WorkloadOptions, context: Context): Promise<void> {
  const workload = workloadOf(options, context)
  // Saved first: the policy may lie where a role is needed, and that is assumed with this workload's token.
  await updateConfig(context, (before) => ({ ...before, workload }))
  const policy = await policyOrWhy(context)
  if (policy instanceof HoopctlError) return tellSaved(policy, options, context)
  if ((policy.identity?.workloads ?? []).length === 0 || policy.identity === null) {
    const message = `the policy \`${policy.name}\` names no issuer of workloads`
    throw new HoopctlError('NOT_SIGNED_IN', message, { hint: 'ask for an entry under `identity.workloads`' })
  }
  const opened = await openWorkload(context)
  const signIn = await opened?.current(policy.identity)
  if (signIn === undefined || !('claims' in signIn)) throw notSignedIn(signIn ?? NOTHING)
  await tellShims('sign-in', signIn.claims, context)
  await tell(signIn, options, context)
}

const NOTHING = { why: 'there is no token of a workload', hint: 'name the file: --workload FILE' }

// The failure, where it is that nobody has added a policy: `policy add` may want a role, and comes after this.
async function policyOrWhy(context: Context): Promise<Policy | HoopctlError> {
  try {
    return (await policyInForce(undefined, context)).policy
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'NO_POLICY') return failure
    throw failure
  }
}

function tellSaved({ message, hint }: HoopctlError, { json }: WorkloadOptions, { stdout }: Context): void {
  const lines = [`It is saved, and does not count yet: ${visible(message)}`, `  hint: ${visible(hint)}`]
  stdout.write(json ? jsonLine({ subject: null, why: message }) : `${lines.join('\n')}\n`)
}

async function tell(signIn: SignIn, { json }: WorkloadOptions, context: Context): Promise<void> {
  const who = await whoIs(signIn, undefined, context)
  if (!who.counts) throw new HoopctlError('SIGN_IN_FAILED', who.why, { hint: who.hint })
  context.stdout.write(json ? jsonLine(subjectRow(who)) : `${subjectLines(who).join('\n')}\n`)
}

function workloadOf(
  options: WorkloadOptions,
  { workingDirectory }: Context,
): NonNullable<Config['workload']> {
  const { workload, issuer, clientId, keyFile, secretFile, parameter = [] } = options
  if (workload !== 'client') return { file: resolve(workingDirectory, workload) }
  if (
    issuer === undefined ||
    clientId === undefined ||
    (keyFile === undefined) === (secretFile === undefined)
  ) {
    throw new HoopctlError(
      'USAGE',
      '`--workload client` needs to know which client, and what shows that it is',
      {
        hint: 'give --issuer, --client-id, and --key-file or --secret-file',
      },
    )
  }
  return {
    issuer,
    clientId,
    ...(keyFile === undefined ? {} : { keyFile: resolve(workingDirectory, keyFile) }),
    ...(secretFile === undefined ? {} : { secretFile: resolve(workingDirectory, secretFile) }),
    ...(parameter.length === 0 ? {} : { parameters: Object.fromEntries(parameter.map(pairOf)) }),
  }
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new HoopctlError('USAGE', `\`${text}\` is no \`NAME=VALUE\``, {
    hint: 'write: --parameter resource=https://…',
  })
}
