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
import { sessionsDirectory } from '../sessions-directory.ts'
import { type AtDestination, nothingFor } from '../upload/upload-one.ts'
import type { UploadManner } from '../upload/upload-sessions.ts'

interface UploadOptions {
  readonly policy: string | undefined
  readonly again: boolean
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
    .option('--for <TIME>', 'go on for so long, and send what is recorded meanwhile: 50s')
    .option('--json', 'print what was sent as JSON', false)
    .addHelpText('after', examples('hoopctl sessions upload'))
    .action((options: UploadOptions) => run(options, context))
}

/** Uploads, and prints what became of it; ends with the code of what is in the way (4, 7, 8) where something waits that should not. */
export async function sessionsUpload(
  { policy: named, again, for: goOn, json }: UploadOptions,
  context: Context,
): Promise<void> {
  const { policy } = await policyInForce(named, context)
  if (policy.uploads.length === 0) {
    throw new HoopctlError('INPUT_INVALID', `the policy \`${visible(policy.name)}\` names no destination`, {
      hint: 'add `audit.upload.to`, such as [{ url: "file:///srv/audit/" }]; under a policy that is not signed, directories only',
    })
  }
  const untilMs = goOn === undefined ? 0 : context.now().getTime() + parseDuration(goOn, '--for')
  const bar = progressBar(context)
  const all = isUnused(context)
    ? policy.uploads.map(({ url }) => nothingFor(url))
    : await uploadUntil(untilMs, { policy, again, progress: bar.show }, context)
  bar.clear()
  context.stdout.write(json ? jsonLine({ uploads: all.map(row) }) : all.map(line).join(''))
  const problem =
    all.find((each) => each.problem?.code === 'UPLOAD_CONFLICT')?.problem ?? all.find(hasProblem)?.problem
  if (problem == null) return
  context.setExitCode(EXIT_CODES[problem.code])
  if (!json) context.stderr.write(`hoopctl: ${visible(problem.message)}\n  hint: ${visible(problem.hint)}\n`)
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
    const { segments = 0, bytes = 0 } = before[index] ?? {}
    return { ...at, segments: at.segments + segments, bytes: at.bytes + bytes }
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

function line({ destination, sessions, waiting, segments, bytes }: AtDestination): string {
  const sent =
    segments === 0
      ? waiting === 0
        ? 'nothing to send'
        : 'nothing sent'
      : `sent ${counted(segments, 'segment')}, ${bytes.toLocaleString('en')} bytes`
  const rest = waiting === 0 ? 'all are there' : `${waiting} not whole there yet`
  return `${visible(destination)}: ${counted(sessions, 'session')}, ${sent}, ${rest}\n`
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
