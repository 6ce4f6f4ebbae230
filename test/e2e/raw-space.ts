import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RawServer, rawServer } from './raw-server.ts'
import { type ServerEntry, type Workspace, type WorkspaceOptions, workspace } from './workspace.ts'

/** A workspace whose policy runs the scriptable server as `raw`. */
export interface RawSpace extends AsyncDisposable {
  readonly space: Workspace
  readonly server: RawServer
}

export interface RawSpaceOptions extends Omit<WorkspaceOptions, 'servers'> {
  /** Flags of test/fixtures/raw-server.mjs. */
  readonly flags?: readonly string[]
  /** Further keys of the server's `run`. */
  readonly run?: Readonly<Record<string, unknown>>
}

/** Makes a workspace with a scriptable server; without rules everything is allowed to it. */
export async function rawSpace(options: RawSpaceOptions = {}): Promise<RawSpace> {
  const { flags = [], run = {}, rules = [{ allow: { tool: '*' } }], ...rest } = options
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'hoopctl-raw-')))
  const server = await rawServer(directory, ...flags)
  const raw: ServerEntry = { run: { ...(server.entry['run'] as object), ...run } }
  const space = await workspace({ ...rest, rules, servers: () => ({ raw }) })
  return {
    space,
    server,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await space[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
