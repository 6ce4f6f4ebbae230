import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AUTHORIZATION, firewallContender } from './firewall.mjs'
import { benchPolicy } from './policy.mjs'
import { signedContender } from './signed.mjs'

const ROOT = join(import.meta.dirname, '..', '..')
const LAUNCHER = join(ROOT, 'bin/hoopctl.js')
// What clients pass on to a server that they start.
const CLIENT_VARIABLES = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER']

/**
 * Describes the six contenders: `{ name, command, args, env, cwd, authorization, share, missing }`; `share` is how much
 * of each load it is given, `missing` says why it cannot run. All run on the Node that runs this, in `directory`, in
 * front of the same server. `nodeFlags` are for `wrap` only.
 */
export async function contenders({ directory, nodeFlags = [], mayInstall = false }) {
  const env = Object.fromEntries(
    CLIENT_VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  )
  const server = { command: process.execPath, args: [join(import.meta.dirname, 'minimal-server.mjs')] }
  const relay = [join(import.meta.dirname, 'bare-relay.mjs'), server.command, ...server.args]
  const log = join(directory, 'recorder.jsonl')
  const recorder = [join(import.meta.dirname, 'recording-relay.mjs'), log, server.command, ...server.args]
  const common = { command: process.execPath, env, cwd: directory, missing: null }
  return [
    { ...common, name: 'direct', args: server.args },
    { ...common, name: 'relay', args: relay },
    { ...common, name: 'recorder', args: recorder },
    wrapContender({ common, server, directory, nodeFlags }),
    await signedContender({ common, server, directory, launcher: LAUNCHER }),
    firewallContender({ server, env, directory: join(directory, 'firewall'), mayInstall }),
  ].map((contender) => ({ share: 1, authorization: AUTHORIZATION, ...contender }))
}

function wrapContender({ common, server, directory, nodeFlags }) {
  const policy = join(directory, 'policy.yaml')
  const home = join(directory, 'home')
  mkdirSync(home, { recursive: true, mode: 0o700 })
  writeFileSync(policy, benchPolicy(server.command, server.args), { mode: 0o600 })
  return {
    ...common,
    name: 'wrap',
    args: [...nodeFlags, LAUNCHER, 'wrap', '--policy', policy, 'bench'],
    env: { ...common.env, HOOPCTL_HOME: home },
    missing: existsSync(join(ROOT, 'dist/start.cjs')) ? null : 'not built: run `npm run build`',
  }
}
