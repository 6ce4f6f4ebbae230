import { Command } from 'commander'
import type { PrunedNote } from '../../audit/pruned-note.ts'
import type { KnownDevices } from '../../audit/verify-session.ts'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import { quoted } from '../../quoted.ts'
import type { Context } from '../context.ts'
import { isThere } from '../directories.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { sessionsDirectory } from '../sessions-directory.ts'
import { policyIfAny } from '../verify/open-place.ts'
import {
  findAlsoPruned,
  findVerified,
  type Pruned,
  type Verified,
  verifyLocal,
} from '../verify/local-logs.ts'
import { forPrograms, inWords, type VerificationRow } from '../verify/verification-row.ts'
import { VerifiedSum } from '../verify/verified-sum.ts'
import type { ReceiptKeys } from '../verify-receipts.ts'

interface VerifyOptions {
  readonly sessions: readonly string[]
  readonly device: readonly string[]
  readonly remote: boolean
  readonly copyOf?: string
  readonly policy?: string
  readonly json: boolean
}

/** Declares `hoopctl sessions verify`. */
export function sessionsVerifyCommand(context: Context, run = sessionsVerify): Command {
  return new Command('verify')
    .description('Check that session logs are whole and were signed by a known device.')
    .argument(
      '[ID|PATH|URL...]',
      'session ids, files, a directory with all sessions of a device, or where evidence was sent, or below it',
    )
    .option('--device <KEY>', 'a device key to accept beside this machine’s own; repeatable', collect, [])
    .option('--remote', 'compare logs of this machine with what the destinations of the policy hold', false)
    .option(
      '--copy-of <URL>',
      'of a directory: what it was copied from, where its checkpoints say that objects lie',
    )
    .option('--policy <FILE>', 'with --remote or a URL: the policy; absent: the one that `wrap` would use')
    .option('--json', 'print one JSON object for each session', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl sessions verify 01KAJ5ZQ3W8T4M7C2D9FBXN6VE',
        'hoopctl sessions verify --remote 17',
        'hoopctl sessions verify s3://acme-audit/hoopctl/',
      ),
    )
    .action((sessions: string[], options: Omit<VerifyOptions, 'sessions'>) =>
      run({ sessions, ...options }, context),
    )
}

/** Verifies sessions and prints what holds; the exit code says whether all of it does. */
export async function sessionsVerify(options: VerifyOptions, context: Context): Promise<void> {
  const directory = sessionsDirectory(context)
  if (options.sessions.length === 0) {
    const hint = `type: hoopctl sessions verify ID, or, for all of this machine: hoopctl sessions verify ${quoted(directory)}; with --remote they are compared with what was sent`
    throw new HoopctlError('USAGE', 'nothing is named to verify', { hint })
  }
  const known = await knownDevices(options.device, context)
  const all: (Verified | Pruned)[] = []
  const find = options.remote ? findAlsoPruned : findVerified
  for (const named of options.sessions) all.push(...(await find(named, directory, context)))
  const { ReceiptKeys: Keys, vouchedKeys } = await import('../verify-receipts.ts')
  const keys = new Keys(context, await vouchedKeys(context))
  const sum = new VerifiedSum()
  let worst = 0
  for (const one of all) {
    for await (const row of rowsOf(one, { known, options, directory }, context)) {
      const confirmed = await withReceipts(row, keys)
      context.stdout.write(options.json ? jsonLine(forPrograms(confirmed)) : inWords(confirmed, context))
      sum.add(row)
      worst = worse(worst, exitCodeOf(row))
    }
  }
  if (!options.json) context.stdout.write(sum.inWords())
  context.setExitCode(worst)
}

interface Wanted {
  readonly known: KnownDevices
  readonly options: VerifyOptions
  readonly directory: string
}

async function* rowsOf(
  one: Verified | Pruned,
  { known, options, directory }: Wanted,
  context: Context,
): AsyncGenerator<VerificationRow, void, undefined> {
  if (one.kind === 'evidence') {
    if (options.remote) {
      const hint = 'leave out `--remote`: a URL is verified where it is'
      throw new HoopctlError('USAGE', '`--remote` compares logs of this machine, and this is none', { hint })
    }
    const { verifyAt } = await import('../verify/evidence-at.ts')
    const policy = await policyIfAny(options.policy, context)
    return yield* verifyAt({ url: one.url, copyOf: options.copyOf ?? null, policy, known }, context)
  }
  if (!options.remote && one.kind !== 'pruned') {
    const { rows, pruned } = await verifyLocal(one, known)
    tellPruned(pruned, context)
    return yield* rows
  }
  yield* comparedRows(one, { known, options, directory }, context)
}

async function* comparedRows(
  one: Exclude<Verified, { readonly kind: 'evidence' }> | Pruned,
  { known, options, directory }: Wanted,
  context: Context,
): AsyncGenerator<VerificationRow, void, undefined> {
  const { compareAll } = await import('../verify/at-destinations.ts')
  const { liesAtOne, verifyPruned } = await import('../verify/pruned-logs.ts')
  const { policyInForce } = await import('../asker.ts')
  const { policy } = await policyInForce(options.policy, context)
  if (policy.uploads.length === 0) {
    const hint = 'add `audit.upload.to`, or name the place: hoopctl sessions verify s3://…'
    throw new HoopctlError('INPUT_INVALID', `the policy \`${policy.name}\` names no destination`, { hint })
  }
  if (one.kind === 'pruned' && !liesAtOne(one.note, policy)) throw nowhereNow(one.note, policy)
  const { rows, pruned } =
    one.kind === 'pruned' ? { rows: [], pruned: [one.note] } : await verifyLocal(one, known)
  tellPruned(
    pruned.filter((note) => !liesAtOne(note, policy)),
    context,
  )
  const isAll = one.kind === 'directory' && one.path === directory
  const gone = new Set(pruned.map(({ session }) => session))
  yield* await compareAll(rows, { policy, gone: isAll ? gone : null }, context)
  yield* verifyPruned(pruned, { policy, known }, context)
}

function nowhereNow({ number, copies: [copy] }: PrunedNote, policy: Policy): HoopctlError {
  const message = `the log of session ${number} was pruned, and did not lie at a destination of the policy \`${visible(policy.name)}\``
  const where = copy && `hoopctl sessions verify ${quoted(`${copy.destination}${copy.prefix}`)}`
  const hint =
    where === undefined ? 'the policy of then named no destination' : `look there: ${visible(where)}`
  return new HoopctlError('UNKNOWN_SESSION', message, { hint })
}

function tellPruned(pruned: readonly PrunedNote[], { stderr }: Context): void {
  for (const { number, session, at, copies } of pruned) {
    const where =
      copies.length === 0 ? 'nowhere else' : copies.map(({ destination }) => destination).join(', ')
    stderr.write(
      visible(`hoopctl: session ${number} (${session}) was pruned at ${at}; then it lay at: ${where}`) + '\n',
    )
  }
}

// Only of logs that hold: whoever wrote another would choose which issuer is asked.
async function withReceipts(row: VerificationRow, keys: ReceiptKeys): Promise<VerificationRow> {
  const receipts = row.ok && row.path !== null ? await keys.confirm(row.path) : []
  return { ...row, receipts }
}

function exitCodeOf({ ok, remote }: VerificationRow): number {
  if (!ok) return EXIT_CODES.LOG_BROKEN
  return remote.some(({ state }) => state === 'unreachable') ? EXIT_CODES.UNREACHABLE : 0
}

// What is broken is broken, wherever something else cannot be reached.
function worse(one: number, other: number): number {
  return [one, other].includes(EXIT_CODES.LOG_BROKEN) ? EXIT_CODES.LOG_BROKEN : Math.max(one, other)
}

async function knownDevices(named: readonly string[], context: Context): Promise<KnownDevices> {
  const known = new Set(named)
  for (const key of named) {
    if (/^ed25519:[\w-]{43}$/.test(key)) continue
    const hint = 'a device key is `ed25519:` and 43 characters, as `sessions show` prints it'
    throw new HoopctlError('USAGE', `\`${key}\` is no device key`, { hint })
  }
  const { state } = context.directories()
  if (isThere(state)) {
    const { loadDeviceKey } = await import('../../audit/device-key.ts')
    known.add(loadDeviceKey(state).id)
  }
  return { isKnown: (device) => known.has(device) }
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
