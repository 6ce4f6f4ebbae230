import { setTimeout } from 'node:timers/promises'
import { Command } from 'commander'
import { sessionNumbers } from '../../audit/sessions.ts'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import type { Policy } from '../../policy/policy.ts'
import { visible } from '../../visible.ts'
import { policyInForce } from '../asker.ts'
import type { Context } from '../context.ts'
import { counted } from '../counted.ts'
import { withDeviceState } from '../device-state.ts'
import { examples } from '../examples.ts'
import { parseDuration } from '../duration.ts'
import { jsonLine } from '../json.ts'
import { underPolicy } from '../under-policy.ts'
import { sessionsDirectory } from '../sessions-directory.ts'
import { type AtDestination, nothingFor } from '../upload/upload-one.ts'
import type { UploadManner } from '../upload/upload-sessions.ts'

interface UploadOptions {
  readonly policy: string | undefined
  readonly again: boolean
  readonly check: boolean
  readonly for?: string
  readonly json: boolean
}

/** Declares `hoopctl sessions upload`. */
export function sessionsUploadCommand(context: Context, run = sessionsUpload): Command {
  return new Command('upload')
    .description(
      'Send the sessions that were recorded under the policy in force to the destinations that it names. What is there already is left as it is; what was sent counts once it was read back.',
    )
    .option('--policy <FILE>', 'the policy; absent: the one that `wrap` would use')
    .option(
      '--again',
      'look for all of them anew: a destination may have lost what it was seen to hold',
      false,
    )
    .option(
      '--check',
      'send no session: only try whether each destination could be read and written now, and leave nothing there',
      false,
    )
    .option('--for <TIME>', 'go on for so long, and send what is recorded meanwhile: 50s')
    .option('--json', 'print what was sent as JSON', false)
    .addHelpText('after', examples('hoopctl sessions upload', 'hoopctl sessions upload --check'))
    .action((options: UploadOptions) => run(options, context))
}

/** Uploads, and prints what became of it; ends with the code of what is in the way (4, 7, 8) where something waits that should not. */
export async function sessionsUpload(
  { policy: named, again, check, for: goOn, json }: UploadOptions,
  context: Context,
): Promise<void> {
  if (check && (again || goOn !== undefined)) {
    const hint = 'leave out one: `--check` sends no session'
    throw new HoopctlError('USAGE', '`--check` goes with neither `--again` nor `--for`', { hint })
  }
  const { policy } = await policyInForce(named, context)
  if (policy.uploads.length === 0) throw noDestination(policy)
  if (check) return await tryOut(policy, json, context)
  const untilMs = goOn === undefined ? 0 : context.now().getTime() + parseDuration(goOn, '--for')
  const bar = progressBar(context)
  const all = isUnused(context)
    ? policy.uploads.map(({ url }) => nothingFor(url))
    : await uploadUntil(untilMs, { policy, again, progress: bar.show }, context)
  bar.clear()
  context.stdout.write(json ? jsonLine({ uploads: all.map(row) }) : all.map(line).join(''))
  if (!json && all.every(isUnasked)) context.stderr.write(unasked(named, context))
  const problem =
    all.find((each) => each.problem?.code === 'UPLOAD_CONFLICT')?.problem ?? all.find(hasProblem)?.problem
  if (problem == null) return
  context.setExitCode(EXIT_CODES[problem.code])
  if (!json) context.stderr.write(`hoopctl: ${visible(problem.message)}\n  hint: ${visible(problem.hint)}\n`)
}

async function tryOut(policy: Policy, json: boolean, context: Context): Promise<void> {
  const { checkDestinations, checkJson, checkLines } = await import('../upload/check-destinations.ts')
  const all = await checkDestinations(policy, context)
  context.stdout.write(json ? jsonLine({ checks: all.map(checkJson) }) : all.map(checkLines).join(''))
  const failed = all.find(({ problem }) => problem !== null)?.problem
  if (failed != null) context.setExitCode(EXIT_CODES[failed.code])
}

function noDestination({ name, unusedUploads: [unused] }: Policy): HoopctlError {
  const which = `the policy \`${visible(name)}\``
  if (unused === undefined) {
    const hint =
      'add `audit.upload.to`, such as [{ url: "file:///srv/audit/" }]; under a policy that is not signed, directories only'
    return new HoopctlError('INPUT_INVALID', `${which} names no destination`, { hint })
  }
  const hint = 'sign it (hoopctl policy sign), or name a directory in `audit.upload.to`'
  const message = `${which} is not signed, so nothing is sent to \`${visible(unused)}\``
  return new HoopctlError('INPUT_INVALID', message, { hint })
}

// Whoever sets a destination up would take `nothing to send` for a sign that it can be reached.
function isUnasked({ sessions }: AtDestination): boolean {
  return sessions === 0
}

function unasked(named: string | undefined, context: Context): string {
  const what = 'no session was recorded under this policy, so no destination was asked'
  return `hoopctl: ${what}; to try them: hoopctl sessions upload --check${underPolicy(named, context)}\n`
}

// Where nothing was ever recorded nothing is made either: the directories may be about to go.
function isUnused(context: Context): boolean {
  return sessionNumbers(sessionsDirectory(context)).length === 0
}

interface Order extends UploadManner {
  readonly policy: Policy
}

async function uploadUntil(
  untilMs: number,
  { policy, again, progress }: Order,
  context: Context,
): Promise<readonly AtDestination[]> {
  const { SessionUploader } = await import('../upload/upload-sessions.ts')
  return withDeviceState(context, async ({ shared }) => {
    const uploader = new SessionUploader(policy, shared, context)
    let total = await uploader.upload({ again, progress })
    while (context.now().getTime() + LOOK_MS < untilMs && !total.some(hasProblem)) {
      await setTimeout(LOOK_MS)
      total = added(total, await uploader.upload({ again: false, progress }))
    }
    return total
  })
}

// What is written while one waits is sent a few seconds later.
const LOOK_MS = 5000

function added(before: readonly AtDestination[], now: readonly AtDestination[]): readonly AtDestination[] {
  return now.map((at, index) => {
    const { segments = 0, bytes = 0, there = 0 } = before[index] ?? {}
    return { ...at, segments: at.segments + segments, bytes: at.bytes + bytes, there: at.there + there }
  })
}

function hasProblem({ problem }: AtDestination): boolean {
  return problem !== null
}

function row({ problem, ...rest }: AtDestination): object {
  return {
    ...rest,
    problem: problem === null ? null : { code: problem.code, message: problem.message, hint: problem.hint },
  }
}

function line({ destination, sessions, waiting, segments, bytes, there }: AtDestination): string {
  const none = waiting === 0 ? 'nothing to send' : 'nothing sent'
  const sent =
    segments === 0 ? none : `sent ${counted(segments, 'segment')}, ${bytes.toLocaleString('en')} bytes`
  const found = there === 0 ? [] : [`read back ${counted(there, 'segment')} that lay there already`]
  const rest = waiting === 0 ? 'all are there' : `${waiting} not whole there yet`
  const all = [counted(sessions, 'session'), sent, ...found, ...(sessions === 0 ? [] : [rest])]
  return `${visible(destination)}: ${all.join(', ')}\n`
}

function progressBar({ stderr }: Context): {
  readonly show: UploadManner['progress']
  readonly clear: () => void
} {
  if (stderr.isTTY !== true) return { show: () => undefined, clear: () => undefined }
  const width = 30
  return {
    show: (done, of, bytes) => {
      const full = Math.round((done / of) * width)
      const bar = `${'#'.repeat(full)}${'-'.repeat(width - full)}`
      stderr.write(`\r\u001b[K[${bar}] ${done}/${of} sessions, ${bytes.toLocaleString('en')} bytes`)
    },
    clear: () => void stderr.write('\r\u001b[K'),
  }
}
