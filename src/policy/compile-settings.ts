import { parseInstant } from '../instant.ts'
import type { AuditSettings } from '../records.ts'
import { VERSION } from '../version.ts'
import { compileTime } from './compile-time.ts'
import type { Limits, Policy, Run, Server } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import { quantity } from './quantity.ts'
import type { PolicyFile, ServerInFile } from './schema.ts'

const DEFAULT_MESSAGE_BYTES = 64 * 1024 ** 2
const DEFAULT_REFRESH_MS = 5 * 60_000
const DEFAULT_MAX_STALE_MS = 24 * 3_600_000
const MONTH_MS = 31 * 86_400_000
const DEFAULT_PAYLOAD_BYTES = 64 * 1024
// Node cannot hold a longer string than 512 MiB, and a message is held as bytes and as text.
const MAX_MESSAGE_BYTES = 256 * 1024 ** 2

/** Compiles `limits`. */
export function compileLimits(limits: PolicyFile['limits'], problems: ProblemList): Limits {
  const messageBytes =
    limits?.messageSize === undefined ? DEFAULT_MESSAGE_BYTES : quantity(limits.messageSize)
  if (messageBytes > MAX_MESSAGE_BYTES) {
    problems.atValue(['limits', 'messageSize'], 'a message is held in memory: at most `256MiB` can pass')
  }
  return {
    messageBytes,
    callsPerMinute: limits?.callsPerMinute ?? null,
    callsPerSession: limits?.callsPerSession ?? null,
    openCalls: limits?.openCalls ?? null,
  }
}

/** Compiles `audit`. */
export function compileAudit(audit: PolicyFile['audit']): AuditSettings {
  const payloads = audit?.payloads
  return {
    durability: audit?.durability ?? 'process',
    payloads: {
      maxBytes: payloads?.max === undefined ? DEFAULT_PAYLOAD_BYTES : quantity(payloads.max),
      requests: payloads?.requests ?? 'whole',
      results: payloads?.results ?? 'whole',
    },
    retainMs: audit?.retain === undefined ? null : quantity(audit.retain),
  }
}

/** Compiles how long a central policy and its copies count. */
export function compilePeriods(
  { refresh, maxStale }: PolicyFile,
  problems: ProblemList,
): Pick<Policy, 'refreshMs' | 'maxStaleMs'> {
  const refreshMs = compileTime(refresh, ['refresh'], problems) ?? DEFAULT_REFRESH_MS
  const maxStaleMs = compileTime(maxStale, ['maxStale'], problems) ?? DEFAULT_MAX_STALE_MS
  if (refreshMs > maxStaleMs) {
    const message =
      '`refresh` is longer than `maxStale`: each copy would go stale before it is looked for anew'
    const hint = 'write a shorter `refresh`, or a longer `maxStale`'
    problems.atValue([refresh === undefined ? 'maxStale' : 'refresh'], message, hint)
  }
  return { refreshMs, maxStaleMs }
}

/**
 * Checks what a file says of itself, and gives the instant from which on it must not be used.
 * @param now a policy that has expired by then is an error; null: nobody asks
 */
export function compileMetadata(
  { metadata, identity }: PolicyFile,
  { now, signed }: { readonly now: Date | null; readonly signed: boolean },
  problems: ProblemList,
): Date | null {
  if (metadata.requires !== undefined) checkVersion(metadata.requires, problems)
  if (signed) {
    const missing = (key: string, why: string) =>
      problems.atKey(['metadata'], `a signed policy must have \`${key}\`: ${why}`, `add \`${key}\``)
    if (identity === undefined) missing('identity', 'whoever fetches it must sign in')
    if (metadata.version === undefined)
      missing('metadata.version', 'without it an older policy could be put back')
    if (metadata.expires === undefined)
      missing('metadata.expires', 'without it an old policy could be kept alive')
  }
  if (metadata.expires === undefined) return null
  const path = ['metadata', 'expires']
  const expires = parseInstant(metadata.expires)
  if (expires === null) {
    problems.atValue(path, `there is no such point in time as \`${metadata.expires}\``)
  } else if (now !== null && expires <= now) {
    const message = `this policy expired at ${expires.toISOString()}: nothing loads it`
    problems.atValue(path, message, 'ask for a newer one, or mend `metadata.expires`')
  } else if (now !== null && (signed || metadata.version !== undefined)) {
    if (expires.getTime() - now.getTime() <= MONTH_MS) return expires
    const message =
      'this is more than a month ahead: for so long whoever holds back a newer policy keeps this one alive'
    problems.warn(problems.offset(path), message, 'sign anew every few weeks')
  }
  return expires
}

/** Compiles the servers of a file of the right shape, without their verbs; what is wrong with them is noted. */
export function compileServers(file: PolicyFile, problems: ProblemList): ReadonlyMap<string, Server> {
  const inFile = Object.entries(file.servers ?? {})
  return new Map(inFile.map(([name, server]) => [name, compileServer(name, server, problems)]))
}

function compileServer(name: string, server: ServerInFile, problems: ProblemList): Server {
  const caseSensitiveArguments = server.arguments?.caseSensitive ?? false
  return {
    name,
    run: server.run === undefined ? null : compileRun(name, server.run, problems),
    caseSensitiveArguments,
  }
}

function compileRun(name: string, run: NonNullable<ServerInFile['run']>, problems: ProblemList): Run {
  const path = ['servers', name, 'run']
  checkCommand([...path, 'command'], run.command, problems)
  // Passed on as it stands it would reach the server as text, and the server would fail for a reason nobody sees.
  for (const [variable, value] of Object.entries(run.env ?? {})) {
    if (value.includes('${')) problems.atValue([...path, 'env', variable], SECRETS_LATER)
    refuseNul([...path, 'env', variable], value, problems)
  }
  run.args?.forEach((argument, index) => {
    if (argument.includes('${secret:')) problems.atValue([...path, 'args', index], SECRETS_LATER)
    refuseNul([...path, 'args', index], argument, problems)
  })
  refuseNul([...path, 'command'], run.command, problems)
  return {
    command: run.command,
    args: run.args ?? [],
    env: { ...run.env },
    passEnv: run.passEnv ?? [],
    cwd: run.cwd ?? null,
    path: run.path ?? null,
    sha256: run.sha256 ?? null,
  }
}

// No shell reads a command: `npx -y foo` would be looked up as a file of that very name.
function checkCommand(path: readonly (string | number)[], command: string, problems: ProblemList): void {
  const [word = '', ...rest] = command.trim().split(/\s+/u)
  const hint = `write \`command: ${word}\` and \`args: [${rest.map((text) => JSON.stringify(text)).join(', ')}]\``
  if (!command.startsWith('/') && /\s/u.test(command)) {
    problems.atValue(path, 'a command is one word, without its arguments', hint)
  } else if (command.includes('/') && !command.startsWith('/')) {
    problems.atValue(path, 'a command is an absolute path or a name without `/`')
  } else if (/\s[-/]/u.test(command)) {
    // A path may hold spaces, so a file of this name may be there.
    problems.warn(problems.offset(path), 'this command looks as if its arguments stood in it', hint)
  }
}

const SECRETS_LATER = 'this version of hoopctl does not know `${…}` yet'

function refuseNul(path: readonly (string | number)[], value: string, problems: ProblemList): void {
  if (value.includes('\0')) problems.atValue(path, 'a NUL character cannot be passed to a process')
}

function checkVersion(requires: string, problems: ProblemList): void {
  const wanted = requires.slice(2).split('.').map(Number)
  const running = VERSION.split('.').map(Number)
  const differs = [0, 1, 2].find((part) => (wanted[part] ?? 0) !== (running[part] ?? 0))
  if (differs === undefined || (running[differs] ?? 0) > (wanted[differs] ?? 0)) return
  const message = `this policy requires hoopctl \`${requires}\`, and this is ${VERSION}`
  problems.atValue(
    ['metadata', 'requires'],
    message,
    'install a later hoopctl: npm install --global hoopctl@latest',
  )
}
