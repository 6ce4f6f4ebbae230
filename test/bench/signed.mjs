import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startProvider } from '../identity/provider.ts'
import { benchPolicy } from './policy.mjs'

const WEEK_MS = 7 * 86_400_000

/**
 * Sets up a laptop on which `wrap` runs under a signed policy with a sign-in, and takes the network away: the policy is
 * cached, the tokens are in an encrypted file with the machine's key. Returns what makes it a contender.
 */
export async function signedContender({ common, server, directory, launcher }) {
  const office = join(directory, 'office')
  const env = { ...common.env, HOOPCTL_HOME: join(directory, 'signed-home') }
  mkdirSync(join(office, 'trust'), { recursive: true, mode: 0o700 })
  const hoopctl = (...words) =>
    execFileSync(common.command, [launcher, ...words], {
      cwd: office,
      env: { ...env, HOOPCTL_PASSPHRASE: 'a passphrase for the bench' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  const provider = await startProvider()
  try {
    writeFileSync(join(office, 'bench.yaml'), signedPolicy(server, provider.issuer), { mode: 0o600 })
    hoopctl('policy', 'keygen', '--out', 'ann.key')
    const [trust] = /[0-9a-f]{64}/u.exec(
      hoopctl('policy', 'trust', '--out', 'trust/1.jws', '--key', 'ann.key'),
    )
    hoopctl(
      'policy',
      'sign',
      'bench.yaml',
      '--key',
      'ann.key',
      '--trust',
      'trust/1.jws',
      '--out',
      'bench.jws',
    )
    const url = pathToFileURL(join(office, 'bench.jws')).href
    hoopctl('policy', 'add', url, '--trust', trust, '--yes')
    await signIn(provider, { command: common.command, args: [launcher, 'login', '--store', 'file'], env })
  } finally {
    await provider.close()
  }
  return { ...common, name: 'signed', args: [launcher, 'wrap', 'bench'], env }
}

// The same rules as `wrap` has, in two halves: one is everybody's, one is a session grant of those who sign in.
function signedPolicy({ command, args }, issuer) {
  const plain = benchPolicy(command, args)
  const expires = new Date(Date.now() + WEEK_MS).toISOString()
  const head = plain.replace('{ name: bench }', `{ name: bench, version: 1, expires: "${expires}" }`)
  return `${head}identity: { issuer: "${issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve }, scopes: [openid, email, groups, offline_access] }
grants:
  - name: engineers
    server: bench
    who: { groups: [engineering] }
    activate: { mode: session }
    rules: [{ allow: { tool: echo } }]
`
}

async function signIn(provider, { command, args, env }) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let shown = ''
  const code = Promise.withResolvers()
  child.stderr.on('data', (chunk) => {
    shown += chunk
    const [, found] = /│(.+)│/u.exec(shown) ?? []
    if (found !== undefined) code.resolve(found.replaceAll(/\s/gu, ''))
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  await provider.answerDevice(await code.promise, 'alice')
  if ((await ended) !== 0) throw new Error(`login failed: ${shown}`)
}
