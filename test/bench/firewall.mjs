import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'firewall')
const ROOT = join(import.meta.dirname, '..', '..')
// 32 letters or digits, as it demands; it guards nothing here.
const TOKEN = 'benchbenchbenchbenchbenchbench00'

/** What mcp-transport-firewall wants in `_meta` of each call: its shared secret and the tools that may be called. */
export const AUTHORIZATION = `Bearer ${Buffer.from(
  JSON.stringify({ token: TOKEN, scopes: ['tools.echo'] }),
).toString('base64')}`

/**
 * Describes mcp-transport-firewall in front of `server`, as its docs/PROXY_SETUP.md says, with its authorization on.
 * It writes its audit log and its cache into `directory`. `mayInstall`: minutes, its SQLite is compiled.
 */
export function firewallContender({ server, env, directory, mayInstall }) {
  const contender = {
    name: 'firewall',
    command: process.execPath,
    args: [join(FOLDER, 'node_modules/mcp-transport-firewall/dist/cli.js')],
    env: {
      ...env,
      PROXY_AUTH_TOKEN: TOKEN,
      MCP_TARGET_COMMAND: server.command,
      MCP_TARGET_ARGS_JSON: JSON.stringify(server.args),
      MCP_CACHE_DIR: join(directory, 'cache'),
    },
    cwd: directory,
    share: 0.25, // it is slow enough that this gives a figure just as steady
    missing: null,
  }
  mkdirSync(directory, { recursive: true })
  if (loads()) return contender
  if (!mayInstall) return { ...contender, missing: 'not installed: run `npm run bench` once without --quick' }
  return { ...contender, missing: install() }
}

// An addon that was compiled for another Node is found out here, not in the middle of a run.
function loads() {
  const script = "new (require('better-sqlite3'))(':memory:')"
  return spawnSync(process.execPath, ['-e', script], { cwd: FOLDER, stdio: 'ignore' }).status === 0
}

function install() {
  process.stderr.write('installing mcp-transport-firewall (it compiles SQLite: this takes minutes, once)\n')
  const npm = { cwd: FOLDER, env: buildEnvironment(), stdio: ['ignore', 2, 2] }
  spawnSync(process.execPath, [join(ROOT, 'scripts/install-folder.mjs'), FOLDER], npm)
  if (!loads()) spawnSync('npm', ['rebuild', '--loglevel=error'], npm)
  return loads() ? null : 'its packages could not be installed (see above)'
}

// The addon must be compiled for the Node that runs it, with that Node's headers: those that its npm package brings.
function buildEnvironment() {
  const home = dirname(dirname(process.execPath))
  const places = [home, join(home, 'node_modules', `node-${process.platform}-${process.arch}`)]
  const headers = places.find((place) => existsSync(join(place, 'include/node/node.h')))
  return {
    ...process.env,
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`,
    ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
  }
}
