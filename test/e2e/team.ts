import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProvider, type TestProvider, type User } from '../identity/provider.ts'
import { type HttpsServer, startHttpsServer } from '../remote/https-server.ts'
import { type Radosgw, startRadosgw } from '../services/radosgw.ts'
import { type Company, company, inBrowser } from './company.ts'
import { fixture, NODE } from './repo.ts'
import { identityAt } from './signing-in.ts'
import { bucketWithRole, type StoreThief, storeThief } from './store-thief.ts'
import { type Workspace, workspace } from './workspace.ts'

/** What the receiver of webhooks does with what comes. */
export type HookMood = 'takes' | 'refuses' | 'is-silent'

/** People of one company, each with a machine of their own, who share a signed policy and a store for approvals. */
export interface Team extends AsyncDisposable {
  readonly provider: TestProvider
  readonly acme: Company
  readonly hook: HttpsServer & { mood: HookMood }
  /** Whoever else may write into the store. */
  readonly thief: StoreThief
  /** Where the notes are that the wrapped server writes. */
  readonly notes: Workspace
  /** Gives the machine of somebody, who has added the policy and signed in there. */
  machine(user: User): Workspace
}

/** The key that webhooks are signed with. */
export const HOOK_KEY = 'a key of sixteen or more'

/** Starts all of it; nobody has keys of the store: what they assume is a role, with their sign-in. */
export async function team(
  users: readonly User[],
  sections: (provider: TestProvider) => object,
): Promise<Team> {
  const root = await mkdtemp(join(tmpdir(), 'hoopctl-team-'))
  const [provider, store, acme, hook, notes] = await Promise.all([
    startProvider({ certified: true }),
    startRadosgw(),
    company(root),
    startHook(),
    workspace({}),
  ])
  const role = await bucketWithRole(store, provider, 'acme')
  const thief = await storeThief(store, provider, { role, bucket: 'acme', prefix: 'approvals/' })
  const shared = sharedSections({ provider, store, role, hook, notes })
  await acme.publish(1, { ...shared, ...sections(provider) })
  const caFile = join(root, 'cas.pem')
  await writeFile(caFile, (await readFile(acme.caFile, 'utf8')) + (await readFile(hook.caFile, 'utf8')))
  const spaces = new Map<User, Workspace>()
  for (const user of users) spaces.set(user, await machine(user, { acme, provider, caFile }))
  return {
    provider,
    acme,
    hook,
    thief,
    notes,
    machine: (user) => {
      const space = spaces.get(user)
      if (space === undefined) throw new Error(`${user} has no machine here`)
      return space
    },
    [Symbol.asyncDispose]: async () => {
      thief.close()
      for (const part of [...spaces.values(), notes, hook, acme, store, provider])
        await part[Symbol.asyncDispose]()
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

interface Shared {
  readonly provider: TestProvider
  readonly store: Radosgw
  readonly role: string
  readonly hook: HttpsServer
  readonly notes: Workspace
}

function sharedSections({ provider, store, role, hook, notes }: Shared): object {
  const { endpoint, region } = store
  return {
    identity: identityAt(provider),
    servers: { notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), notes.path()] } } },
    approvals: {
      store: { url: 's3://acme/approvals', endpoint, region, role },
      notify: [{ url: new URL('hooks/secret-path', hook.url).href, key: HOOK_KEY }],
    },
  }
}

interface Place {
  readonly acme: Company
  readonly provider: TestProvider
  readonly caFile: string
}

async function machine(user: User, { acme, provider, caFile }: Place): Promise<Workspace> {
  const space = await workspace({})
  await rm(space.policyFile) // only the company's policy holds here
  Object.assign(space.env, { NODE_EXTRA_CA_CERTS: caFile })
  const added = await space.hoopctl('policy', 'add', acme.url, '--trust', acme.trust, '--yes')
  // From here on nobody has the variable: clients do not pass it on, and it was saved.
  Reflect.deleteProperty(space.env, 'NODE_EXTRA_CA_CERTS')
  const signedIn = await inBrowser(user, provider, space, ['login', '--browser', '--store', 'file'])
  if (added.exitCode !== 0 || signedIn.exitCode !== 0) throw new Error(added.stderr + signedIn.stderr)
  return space
}

async function startHook(): Promise<Team['hook']> {
  const state: { mood: HookMood } = { mood: 'takes' }
  const server = await startHttpsServer((_request, response) => {
    if (state.mood === 'is-silent') return
    response.writeHead(state.mood === 'takes' ? 200 : 503).end()
  })
  return Object.assign(state, server)
}
