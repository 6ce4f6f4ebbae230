import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from './workspace.ts'

/** One session's log, as whole lines; a line that was cut is left out. */
export interface SessionLog {
  readonly path: string
  readonly records: readonly Readonly<Record<string, unknown>>[]
}

/** What `sessions verify --json` says of one session. */
export interface Verified {
  readonly ok: boolean
  readonly session: string
  readonly state: 'complete' | 'open' | 'broken'
  readonly problem: unknown
}

/** Reads every session log in the workspace, oldest first. */
export async function sessionLogs(space: Workspace): Promise<readonly SessionLog[]> {
  const state = join(space.home, 'state')
  const names = await readdir(state, { recursive: true })
  const paths = names.filter((name) => name.endsWith('.jsonl')).map((name) => join(state, name))
  return Promise.all(paths.toSorted().map(async (path) => ({ path, records: await records(path) })))
}

/** Verifies logs with hoopctl itself. */
export async function verify(space: Workspace, logs: readonly SessionLog[]): Promise<readonly Verified[]> {
  const { stdout } = await space.hoopctl('sessions', 'verify', '--json', ...logs.map(({ path }) => path))
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verified) // the form that cli.md promises; tests compare its members
}

/** The name of the server that a log is about. */
export function serverOf({ records: [header] }: SessionLog): unknown {
  return (header?.['server'] as { name?: unknown } | undefined)?.name
}

/** Digests of the requests and notifications that a log says were forwarded to the server. */
export function forwarded({ records: all }: SessionLog): ReadonlySet<unknown> {
  return new Set(all.filter(isForwarded).map(({ sha256 }) => sha256))
}

function isForwarded({ from, kind, decision }: Readonly<Record<string, unknown>>): boolean {
  if (from === 'server' || (kind !== 'request' && kind !== 'notification')) return false
  return (decision as { effect?: unknown } | undefined)?.effect !== 'deny'
}

async function records(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>)
}
