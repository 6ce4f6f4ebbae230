import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { CentralFacts } from '../central/central-facts.ts'
import type { Central } from '../central/open-central.ts'
import { updateConfig } from '../change-config.ts'
import { readConfig } from '../config-file.ts'
import { confirm } from '../confirm.ts'
import type { Context } from '../context.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { refuseUnderLock } from '../managed-lock.ts'
import type { PolicySource } from '../policy-source.ts'

interface AddOptions {
  readonly url: string
  readonly trust: string
  readonly region?: string
  readonly role?: string
  readonly yes: boolean
  readonly json: boolean
}

/** Declares `hoopctl policy add`. */
export function policyAddCommand(context: Context, run = policyAdd): Command {
  return new Command('add')
    .description(
      'Take the signed policy of a company from where it is served, and trust its signers from now on.',
    )
    .argument('<URL>', 'https://HOST/…/NAME.jws, s3://BUCKET/…/NAME.jws, or a file')
    .requiredOption('--trust <DIGEST>', 'the digest of a trust document, as `policy trust` prints it')
    .option('--region <REGION>', 'for s3: the region of the bucket')
    .option('--role <ARN>', 'for s3: the role to assume with the sign-in')
    .option('--yes', 'do not ask', false)
    .option('--json', 'print what was taken as JSON', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl policy add https://policy.acme.example/acme.jws \\\n      --trust 9f86d081884c7d659a2feaa0c55ad015…',
      ),
    )
    .action((url: string, options: Omit<AddOptions, 'url'>) => run({ url, ...options }, context))
}

/** Fetches and verifies a policy, shows whom it is signed by, and names it as the person's own after a yes. */
export async function policyAdd(options: AddOptions, context: Context): Promise<void> {
  refuseUnderLock('`policy add`', context.managed())
  const { networkSettings } = await import('../../remote/network-settings.ts')
  const { openCentral } = await import('../central/open-central.ts')
  const { centralFacts, factLines } = await import('../central/central-facts.ts')
  const { withDeviceState } = await import('../device-state.ts')
  const { endNotGiven } = await import('../end-not-given.ts')
  const source = await sourceFrom(options, context)
  const config = await readConfig(context)
  const network = networkSettings(context.env, config.network)
  refuseSilence(options, context)
  const central = openCentral(source, context, { network })
  try {
    await fetched(central)
    const { kept } = central.keeper
    if (kept === null) throw new Error('a policy was fetched, and there is none')
    const facts = centralFacts(kept, central)
    if (!options.yes || !options.json) context.stderr.write(`${factLines(facts).join('\n')}\n`)
    await ask(options, source, config.policy, context)
    await updateConfig(context, (now) => ({ ...now, policy: source, network }))
    await withDeviceState(context, (state) =>
      endNotGiven({ policy: kept.policy, key: central.key }, state, context.now()),
    )
    central.state.ring()
    if (options.json) return void context.stdout.write(jsonLine(facts))
    context.stdout.write(`The policy is now ${visible(facts.name)} of ${visible(source.url)}.\n`)
    context.stderr.write(nextSteps(facts))
  } finally {
    central.close()
  }
}

async function sourceFrom(
  { url, trust, region, role }: AddOptions,
  { env, workingDirectory }: Context,
): Promise<PolicySource> {
  const { awsEndpoint } = await import('../../remote/aws-settings.ts')
  const { sourceOf } = await import('../../remote/policy-place.ts')
  const isUrl = /^[a-z][a-z0-9+.-]*:/iu.test(url)
  const whole = isUrl ? url : pathToFileURL(resolve(workingDirectory, url)).href
  sourceOf(whole) // throws for what is no place of a policy
  const digest = trust.replace(/^sha256:/u, '')
  if (!/^[0-9a-f]{64}$/u.test(digest)) {
    const hint = '`hoopctl policy trust` prints it: 64 digits and letters from a to f'
    throw new HoopctlError('USAGE', '`--trust` wants the digest of a trust document', { hint })
  }
  if (!whole.startsWith('s3:')) {
    if (region !== undefined || role !== undefined) throw onlyForS3()
    return { url: whole, trust: digest, region: null, role: null, endpoint: null }
  }
  // Clients pass on none of these variables, so what is found now is kept.
  const found = region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? null
  return { url: whole, trust: digest, region: found, role: role ?? null, endpoint: awsEndpoint(env) }
}

function onlyForS3(): HoopctlError {
  const hint = 'leave them out, or name an s3:// URL'
  return new HoopctlError('USAGE', '`--region` and `--role` are for s3:// only', { hint })
}

// Looked at before anything is fetched: nobody should wait for a question that cannot be asked.
function refuseSilence({ yes }: AddOptions, { stdin }: Context): void {
  if (yes || stdin.isTTY === true) return
  const message = 'nobody can be asked whether to trust these signers: stdin is no terminal'
  throw new HoopctlError('USAGE', message, { hint: 'add --yes to take it without asking' })
}

// What is kept of it from before may be damaged: what the source has now counts.
async function fetched({ keeper }: Central): Promise<void> {
  const { Refusal } = await import('../central/refusal.ts')
  await keeper.load().catch((failure: unknown) => {
    if (!(failure instanceof Refusal)) throw failure
  })
  await keeper.refresh()
}

async function ask(
  { yes }: AddOptions,
  source: PolicySource,
  before: PolicySource | null,
  context: Context,
): Promise<void> {
  if (yes) return
  const other = before !== null && (before.url !== source.url || before.trust !== source.trust)
  if (other) context.stderr.write(`This replaces ${visible(before.url)}.\n`)
  if (await confirm('Trust these signers with what is allowed here?', context)) return
  throw new HoopctlError('CANCELLED', 'the policy was not added', { hint: 'answer y to add it' })
}

function nextSteps({ issuer }: CentralFacts): string {
  return issuer === null ? '' : `Sign in at ${visible(issuer)} with: hoopctl login\n`
}
