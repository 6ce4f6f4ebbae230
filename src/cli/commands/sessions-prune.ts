import { Command } from 'commander'
import type { PrunedLog } from '../../audit/pruned-note.ts'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import { laterBy } from '../../instant.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import { policyInForce } from '../asker.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { withDeviceState } from '../device-state.ts'
import { durationInWords, parseDuration } from '../duration.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { ageUnder } from '../prune/prune-age.ts'
import type { Kept } from '../prune/prune-log.ts'
import type { PruneOutcome } from '../prune/prune-sessions.ts'

interface PruneOptions {
  readonly policy?: string
  readonly olderThan?: string
  readonly dryRun: boolean
  readonly json: boolean
}

/** Declares `hoopctl sessions prune`. */
export function sessionsPruneCommand(context: Context, run = sessionsPrune): Command {
  return new Command('prune')
    .description(
      'Remove the logs of old sessions that were recorded under the policy in force, once every destination that it names was read and holds all of them. A signed note stays for each. What is held, runs, is broken or cannot be read back is kept.',
    )
    .option('--policy <FILE>', 'the policy; absent: the one that `wrap` would use')
    .option(
      '--older-than <TIME>',
      'how long ago the last record must be, such as 90d; absent: `audit.retain` of the policy. Under a signed policy it may only be longer than that',
    )
    .option('--dry-run', 'remove nothing, and say what would be removed', false)
    .option('--json', 'print what was removed and what was kept as JSON', false)
    .addHelpText(
      'after',
      examples('hoopctl sessions prune --dry-run', 'hoopctl sessions prune --older-than 180d'),
    )
    .action((options: PruneOptions) => run(options, context))
}

/** Removes old logs, and prints what became of them; ends with the code of the reason (4, 7, 8) where one was kept that should not have to be. */
export async function sessionsPrune(options: PruneOptions, context: Context): Promise<void> {
  const { dryRun, json } = options
  const olderThanMs =
    options.olderThan === undefined ? null : parseDuration(options.olderThan, '--older-than')
  const { policy, blocked } = await policyInForce(options.policy, context)
  if (blocked !== null) {
    const message = `the policy \`${visible(policy.name)}\` does not hold now, so nothing is removed by it: ${blocked.why}`
    throw new HoopctlError('NO_POLICY', message, { hint: blocked.help })
  }
  refuseUnused(policy)
  const ageMs = ageUnder(policy, olderThanMs)
  const { pruneSessions } = await import('../prune/prune-sessions.ts')
  const order = { policy, before: laterBy(context.now(), -ageMs), dryRun }
  const outcome = await withDeviceState(context, ({ shared }) => pruneSessions(order, shared, context))
  if (json) context.stdout.write(jsonLine(forPrograms(outcome, dryRun)))
  else context.stdout.write(inWords(outcome, dryRun, ageMs))
  if (policy.uploads.length === 0) {
    const nowhere = `the policy \`${visible(policy.name)}\` names no destination: what is removed here lies nowhere else`
    context.stderr.write(`hoopctl: ${nowhere}\n`)
  }
  context.setExitCode(exitCodeOf(outcome))
}

// What should lie there does not: nothing is sent under a policy that is not signed.
function refuseUnused({ name, unusedUploads: [first] }: Policy): void {
  if (first === undefined) return
  const message = `the policy \`${visible(name)}\` names \`${visible(first)}\`, and as it is not signed nothing is sent there: no log is removed`
  const hint = 'sign it (hoopctl policy sign), or take that destination out of `audit.upload.to`'
  throw new HoopctlError('INPUT_INVALID', message, { hint })
}

// A difference is worse than that something is away, and is not forgotten for it.
function exitCodeOf({ kept }: PruneOutcome): number {
  const codes = kept.map(({ code }) => (code === null ? 0 : EXIT_CODES[code]))
  return codes.includes(EXIT_CODES.UPLOAD_CONFLICT)
    ? EXIT_CODES.UPLOAD_CONFLICT
    : (codes.find((code) => code !== 0) ?? 0)
}

function forPrograms({ pruned, kept, younger, others }: PruneOutcome, dryRun: boolean): object {
  return {
    dryRun,
    pruned: pruned.map(({ session, number, last, bytes, sha256, copies }) => {
      return { session, number, last, bytes, sha256, copies }
    }),
    kept: kept.map(({ session, number, why }) => ({ session, number, why })),
    younger,
    others,
  }
}

function inWords({ pruned, kept, younger, others }: PruneOutcome, dryRun: boolean, ageMs: number): string {
  const removed = dryRun ? 'would be removed' : 'removed'
  const sum = [
    `${counted(pruned.length, 'session')} ${removed}`,
    `${kept.length} kept`,
    `${younger} not older than ${durationInWords(ageMs)}`,
    `${others} of other policies`,
  ]
  const lines = [...pruned.map((each) => prunedLine(each, removed)), ...kept.map(keptLine), sum.join(', ')]
  return lines.map((line) => `${line}\n`).join('')
}

function prunedLine({ number, session, bytes, copies }: PrunedLog, removed: string): string {
  const places = copies.map(({ destination }) => visible(destination)).join(', ')
  const held = copies.length === 0 ? 'lies nowhere else' : `read back from ${places}`
  return `session ${number} (${session}): ${removed}, ${bytes.toLocaleString('en')} bytes, ${held}`
}

function keptLine({ number, session, why }: Kept): string {
  return `session ${number} (${visible(session)}): kept: ${visible(why)}`
}
