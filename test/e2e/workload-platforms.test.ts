import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { anIssuer } from '../identity/an-issuer.ts'
import { type ForwardProxy, startForwardProxy } from '../remote/forward-proxy.ts'
import { type HttpsServer, startHttpsServer } from '../remote/https-server.ts'
import { connect } from './connect.ts'
import { fixture, NODE } from './repo.ts'
import { identityAt } from './signing-in.ts'
import { type Workspace, workspace } from './workspace.ts'

// GitHub's names, which only the proxy of these tests finds; the job's own service is on one of theirs, too.
const GITHUB = 'https://token.actions.githubusercontent.com'
const JOBS = 'https://run.actions.githubusercontent.com'
const issuer = anIssuer(GITHUB)

let platform: HttpsServer
let proxy: ForwardProxy
beforeAll(async () => {
  const hosts = [GITHUB, JOBS].map((url) => new URL(url).host)
  platform = await startHttpsServer(
    ({ url, headers }, response) => {
      const body = answers(headers['authorization'])[url]
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    },
    hosts.map((host) => `DNS:${host}`),
  )
  proxy = await startForwardProxy({
    hosts: Object.fromEntries(hosts.map((host) => [`${host}:443`, platform.port])),
  })
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await platform[Symbol.asyncDispose]()
})

function answers(authorization: string | undefined): Readonly<Record<string, unknown>> {
  return {
    '/.well-known/openid-configuration': { issuer: GITHUB, jwks_uri: `${GITHUB}/jwks` },
    '/jwks': { keys: [issuer.jwk] },
    ...(authorization === 'Bearer of-the-job' && { '/token?api=2&audience=hoopctl': { value: token() } }),
  }
}

function token(): string {
  const seconds = Math.floor(Date.now() / 1000)
  const repository = 'acme/orders'
  const sub = `repo:${repository}:ref:refs/heads/main`
  return issuer.sign({ iss: GITHUB, aud: 'hoopctl', sub, repository, iat: seconds, exp: seconds + 3600 })
}

function jobSpace(): Promise<Workspace> {
  const job = {
    issuer: GITHUB,
    audience: 'hoopctl',
    groups: ['ci'],
    when: 'claims.repository == "acme/orders"',
  }
  return workspace({
    servers: (directory) => ({
      notes: { run: { command: NODE, args: [fixture('legacy-server.mjs'), directory] } },
    }),
    policy: {
      identity: { ...identityAt({ issuer: 'https://login.acme.example' }), workloads: [job] },
      grants: [
        {
          name: 'builds',
          server: 'notes',
          who: { groups: ['ci'] },
          activate: { mode: 'session' },
          rules: [{ allow: { tool: 'write_note' } }],
        },
      ],
    },
  })
}

async function tokenFile(space: Workspace): Promise<string> {
  const path = join(space.root, 'token')
  await writeFile(path, `${token()}\n`)
  return path
}

it.each([
  {
    given: 'the variables of GitHub Actions',
    prepare: async () => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${JOBS}/token?api=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
    }),
    isSomebody: true,
  },
  {
    given: 'the variables of another job of GitHub Actions',
    prepare: async () => ({
      ACTIONS_ID_TOKEN_REQUEST_URL: `${JOBS}/token?api=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-another-job',
    }),
    isSomebody: false,
  },
  {
    given: 'AWS_WEB_IDENTITY_TOKEN_FILE',
    prepare: async (space: Workspace) => ({ AWS_WEB_IDENTITY_TOKEN_FILE: await tokenFile(space) }),
    isSomebody: true,
  },
  {
    given: 'a file that `login --workload` has named',
    prepare: async (space: Workspace) => {
      const signedIn = await space.hoopctl('login', '--workload', await tokenFile(space))
      expect({ code: signedIn.exitCode, stderr: signedIn.stderr }).toMatchObject({ code: 0 })
      return {}
    },
    isSomebody: true,
  },
  { given: 'nothing of that', prepare: async () => ({}), isSomebody: false },
])('given $given, wrap runs for a workload: $isSomebody', async ({ prepare, isSomebody }) => {
  await using space = await jobSpace()
  const network = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: platform.caFile }
  Object.assign(space.env, network)
  Object.assign(space.env, await prepare(space))
  await using connected = await connect('notes', space)
  const write = { name: 'write_note', arguments: { name: 'built.txt', content: 'x' } }
  expect((await connected.callTool(write)).isError ?? false).toBe(!isSomebody)
  expect(await space.has('built.txt')).toBe(isSomebody)
})
