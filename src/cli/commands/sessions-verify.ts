import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { quoted } from '../../quoted.ts'
import type { KnownDevices, Verification } from '../../audit/verify-session.ts'
import { EXIT_CODES, HoopctlError } from '../../errors.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import type { Confirmation } from '../verify-receipts.ts'
import { counted } from '../counted.ts'
import { isThere } from '../directories.ts'
import { examples } from '../examples.ts'
import { jsonLine } from '../json.ts'
import { painter } from '../paint.ts'
import { sessionsDirectory } from '../sessions-directory.ts'

interface VerifyOptions {
  readonly sessions: readonly string[]
  readonly device: readonly string[]
  readonly json: boolean
}

/** Declares `hoopctl sessions verify`. */
export function sessionsVerifyCommand(context: Context, run = sessionsVerify): Command {
  return new Command('verify')
    .description('Check that session logs are whole and were signed by a known device.')
    .argument('[ID|PATH...]', 'session ids, files, or a directory with all sessions of a device')
    .option('--device <KEY>', 'a device key to accept beside this machine’s own; repeatable', collect, [])
    .option('--json', 'print one JSON object for each session', false)
    .addHelpText(
      'after',
      examples(
        'hoopctl sessions verify 01KAJ5ZQ3W8T4M7C2D9FBXN6VE',
        'hoopctl sessions verify --device ed25519:8fKq… session.jsonl',
      ),
    )
    .action((sessions: string[], options: { device: string[]; json: boolean }) =>
      run({ sessions, ...options }, context),
    )
}

/** Verifies sessions and prints what holds; the exit code says whether all of it does. */
export async function sessionsVerify(options: VerifyOptions, context: Context): Promise<void> {
  const directory = sessionsDirectory(context)
  if (options.sessions.length === 0) {
    const hint = `type: hoopctl sessions verify ID, or, for all of this machine: hoopctl sessions verify ${quoted(directory)}`
    throw new HoopctlError('USAGE', 'nothing is named to verify', { hint })
  }
  const known = await knownDevices(options.device, context)
  const paths = await pathsOf(options.sessions, directory, context)
  const verified: Named[] = []
  for (const path of paths) verified.push(...(await verifyPath(path, known)))
  const confirmed = await confirmReceipts(verified, context)
  if (verified.some(({ ok }) => !ok)) context.setExitCode(EXIT_CODES.LOG_BROKEN)
  for (const one of confirmed)
    context.stdout.write(options.json ? jsonLine(forPrograms(one)) : inWords(one, context))
}

/** A verification, what people call what was verified, and its file; null: no file of its own. */
type Named = Verification & { readonly name: string; readonly path: string | null }

type Confirmed = Named & { readonly receipts: readonly Confirmation[] }

// Only of logs that hold: whoever wrote another would choose which issuer is asked.
async function confirmReceipts(verified: readonly Named[], context: Context): Promise<Confirmed[]> {
  const { ReceiptKeys, vouchedKeys } = await import('../verify-receipts.ts')
  const keys = new ReceiptKeys(context, await vouchedKeys(context))
  const confirmed: Confirmed[] = []
  for (const one of verified) {
    const receipts = one.ok && one.path !== null ? await keys.confirm(one.path) : []
    confirmed.push({ ...one, receipts })
  }
  return confirmed
}

async function pathsOf(named: readonly string[], directory: string, context: Context): Promise<string[]> {
  const { findSession } = await import('../../audit/sessions.ts')
  // Ids and numbers have no dots or slashes.
  return named.map((each) => {
    if (/^\w+$/.test(each)) return findSession(directory, each).path
    const path = resolve(context.workingDirectory, each)
    if (existsSync(path)) return path
    const hint = 'name a session’s id, a log file or a directory'
    throw new HoopctlError('UNKNOWN_SESSION', `there is no file \`${each}\``, { hint })
  })
}

async function verifyPath(path: string, known: KnownDevices): Promise<Named[]> {
  const { checkStoredToken } = await import('../../identity/stored-token.ts')
  if (!isDirectory(path)) {
    const { verifySession } = await import('../../audit/verify-session.ts')
    const verification = verifySession(path, known, checkStoredToken)
    return [{ ...verification, name: verification.session ?? path, path }]
  }
  const { fileNameOf } = await import('../../audit/session-number.ts')
  const { verifyDirectory } = await import('../../audit/verify-directory.ts')
  const { sessions, problems } = verifyDirectory(path, known, checkStoredToken)
  const each = sessions.map(({ number, ...verification }) => {
    const name = `${verification.session ?? path}, number ${number}`
    return { ...verification, name, path: join(path, fileNameOf(number)) }
  })
  return [...each, ...problems.map((problem) => ({ ...BETWEEN_SESSIONS, name: path, path: null, problem }))]
}

// What is wrong with a series of sessions and not with one of them: a gap in the numbering, a replaced log.
const BETWEEN_SESSIONS = {
  ok: false,
  session: null,
  state: 'broken',
  device: null,
  deviceKnown: false,
  records: 0,
  signedTo: null,
  note: null,
} as const

function isDirectory(path: string): boolean {
  return statSync(path).isDirectory()
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

function forPrograms({ name: _, note: __, path: ___, receipts, ...verification }: Confirmed): object {
  return receipts.length === 0 ? verification : { ...verification, receipts }
}

function inWords({ name, ok, state, records, problem, note, receipts }: Confirmed, context: Context): string {
  const paint = painter(context)
  const verdict = ok
    ? paint('good', `ok, ${state}`)
    : paint('bad', state === 'broken' ? 'broken' : 'not trusted')
  const lines = [`${visible(name)}: ${verdict}, ${counted(records, 'record')}`]
  for (const text of state === 'broken' ? [problem] : [problem, note])
    if (text !== null) lines.push(`  ${visible(text)}`)
  for (const receipt of receipts) lines.push(`  ${receipt.note}`)
  return `${lines.join('\n')}\n`
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
