import { realpath } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withDeviceState } from '../../src/cli/device-state.ts'
import { atTerminal } from '../cli/at-terminal.ts'
import { fakeContext } from '../cli/fake-context.ts'
import { eventually } from '../eventually.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { inBrowser } from './company.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { sessionLogs } from './session-logs.ts'
import { identityAt } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

let provider: TestProvider
beforeAll(async () => {
  provider = await startProvider()
})
afterAll(() => provider.close())

const grant = (name: string, activate: object) => ({
  name,
  server: 'notes',
  who: { groups: ['engineering'] },
  activate,
  rules: [{ allow: { tool: name } }],
})

function notesSpace(): Promise<Workspace> {
  return workspace({
    rules: [],
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: {
      identity: identityAt(provider),
      grants: [
        grant('write_note', { mode: 'request', reason: 'required', proof: 'terminal' }),
        grant('delete_note', { mode: 'request', proof: 'oidc' }),
      ],
    },
  })
}

/** What the only session of a space has recorded of its context: causes that name something, in records of one or several, and who it was about. */
async function recorded(space: Workspace) {
  const [log] = await sessionLogs(space)
  const contexts = (log?.records ?? []).filter(({ kind }) => kind === 'context')
  return {
    causes: contexts.flatMap(({ cause }) => String(cause).split('; ')).filter((cause) => cause !== 'change'),
    people: contexts.flatMap(({ subject }) =>
      subject === undefined ? [] : [(subject as { sub: string } | null)?.sub ?? null],
    ),
  }
}

/** The person asks for a grant at a terminal, and says yes. */
async function request(
  grant: string,
  reason: string,
  { policyFile, env }: Workspace,
): Promise<number | null> {
  const terminal = atTerminal(['request', '--policy', policyFile, grant, '--reason', reason], env)
  await terminal.shows('[y/N]')
  terminal.type('y\r')
  return (await terminal.ended).exitCode
}

/** Any program of this user may write an activation, and seal it with the key of this device; no provider proves it. */
async function plant(grant: string, space: Workspace): Promise<void> {
  const { context } = fakeContext({ env: space.env, now: () => new Date() })
  const policy = `file:${await realpath(space.policyFile)}`
  await withDeviceState(context, ({ activations, device, shared }) => {
    const started = new Date()
    activations.start({
      id: 'planted',
      policy,
      grant,
      issuer: provider.issuer,
      sub: 'alice',
      device: device.publicKey,
      started,
      expires: new Date(started.getTime() + 600_000),
      uses: null,
      reason: null,
      proof: { kind: 'oidc', idToken: 'token', request: 'request' },
    })
    shared.ring()
  })
}

/** Any program of this user may change what is written of an activation. */
async function edit(grant: string, space: Workspace): Promise<void> {
  const { context } = fakeContext({ env: space.env, now: () => new Date() })
  await withDeviceState(context, ({ shared }) => {
    shared.database.run('UPDATE activations SET uses = 1000 WHERE "grant" = ?', grant)
    shared.ring()
  })
}

it('given sign-ins, requests, refused activations and sign-outs while a session runs, its records say what happened', async () => {
  await using space = await notesSpace()
  await using _connected = await connect('notes', space)
  const says = (causes: readonly string[], people: readonly (string | null)[]) =>
    eventually(async () => {
      expect(await recorded(space)).toEqual({
        causes: ['start', 'client', ...causes],
        people: [null, ...people],
      })
    })
  await says([], [])

  await inBrowser('alice', provider, space, ['login', '--browser', '--store', 'file'])
  await says(['sign-in'], ['alice'])

  expect(await request('write_note', 'INC-2211: the index', space)).toBe(0)
  const requested = 'request write_note: INC-2211: the index'
  await says(['sign-in', requested], ['alice'])

  await plant('delete_note', space)
  const refused = 'refused-activation delete_note: what was asked for cannot be read'
  await says(['sign-in', requested, refused], ['alice'])

  await edit('write_note', space)
  const why = 'its seal does not fit: it was edited, or not written by hoopctl on this device'
  const edited = `refused-activation write_note: ${why}`
  await says(['sign-in', requested, refused, edited], ['alice'])

  expect(await space.hoopctl('logout')).toMatchObject({ exitCode: 0 })
  const all = ['sign-in', requested, refused, edited, 'revoke delete_note', 'sign-out']
  await says(all, ['alice', null])
})
