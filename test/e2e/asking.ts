import { join } from 'node:path'
import { expect } from 'vitest'
import type { Inbox } from './inbox.ts'
import { sessionLogs } from './session-logs.ts'
import type { Workspace } from './workspace.ts'

/** What `status --json` tells of one approval. */
export interface OpenApproval {
  readonly approval: string
  readonly state: 'held' | 'queued' | 'remembered'
  readonly left?: number
}

/** Waits until the shim has said that its nth call (from 1) waits, and returns that approval's id. */
export async function asked(stderr: Inbox<string>, nth = 1): Promise<string> {
  const ids = () => stderr.all.flatMap((line) => idIn(line))
  await stderr.find((line) => idIn(line).length > 0 && ids().length >= nth)
  const id = ids()[nth - 1]
  if (id === undefined) throw new Error('unreachable: so many were counted')
  return id
}

function idIn(line: string): readonly string[] {
  const found = /waits for a person: hoopctl approve (A-[0-9A-HJKMNP-TV-Z]{8})$/u.exec(line)
  return found?.[1] === undefined ? [] : [found[1]]
}

/** What `status` says of approvals. */
export async function openApprovals(space: Workspace): Promise<readonly OpenApproval[]> {
  const { stdout } = await space.hoopctl('status', '--json')
  return (JSON.parse(stdout) as { readonly approvals: readonly OpenApproval[] }).approvals
}

/** The states that approvals went through, over all logs of the workspace: `waiting`, `queued`, `approved`, … */
export async function statesOf(space: Workspace, approval: string): Promise<readonly unknown[]> {
  const records = (await sessionLogs(space)).flatMap((log) => log.records)
  const about = records.filter((record) => record['kind'] === 'approval' && record['approval'] === approval)
  return about.map(({ state }) => state)
}

/** How calls were decided in the end, over all logs. */
export async function decisions(space: Workspace): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const records = (await sessionLogs(space)).flatMap((log) => log.records)
  return records.filter(({ kind }) => kind === 'decision')
}

/** Expects every log of the workspace to verify, receipts too; those of sessions that were killed are open, and sound. */
export async function logsHold(space: Workspace): Promise<void> {
  const { exitCode, stdout, stderr } = await space.hoopctl('sessions', 'verify', sessionsOf(space))
  expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' })
}

function sessionsOf({ home }: Workspace): string {
  return join(home, 'state', 'sessions')
}
