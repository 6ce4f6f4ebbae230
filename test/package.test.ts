import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { build } from 'rolldown'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { EXIT_CODES } from '../src/errors.ts'
import { VERSION } from '../src/version.ts'
import { hasKeyring, type Keyring, startKeyring } from './identity/keyring.ts'

const ROOT = join(import.meta.dirname, '..')
const NODES = join(ROOT, 'test', 'nodes')
const FIRST_SUPPORTED = join(NODES, 'first-supported')
const LAST_REFUSED = join(NODES, 'last-refused')
const nodeOf = (folder: string): string => join(folder, 'node_modules', '.bin', 'node')

const home = mkdtempSync(join(tmpdir(), 'hoopctl-package-'))
const folder = join(home, 'empty')
const installed = join(folder, 'node_modules', 'hoopctl')
let packed: readonly string[]
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

beforeAll(() => {
  const install = join(ROOT, 'scripts', 'install-folder.mjs')
  execFileSync(process.execPath, [install, FIRST_SUPPORTED, LAST_REFUSED], { stdio: 'ignore' })
  const [tarball] = JSON.parse(npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', home))
  packed = tarball.files.map(({ path }: { path: string }) => path)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  // Offline and with an empty cache: whatever the package needed beside itself would fail here.
  npm(folder, 'install', '--offline', '--cache', join(home, 'cache'), join(home, tarball.filename))
})
afterAll(() => rmSync(home, { recursive: true }))

describe('the tarball', () => {
  it('holds what is listed here and nothing else', () => {
    const files = packed.map((file) => file.replace(/^dist\/(chunks|wrap)\/[\w.-]+\.(c?js)$/, 'dist/$1/*.$2'))
    expect([...new Set(files)].toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin/hoopctl.js',
      'bin/package.json',
      'completions/_hoopctl',
      'completions/hoopctl.bash',
      'completions/hoopctl.fish',
      'completions/hoopctl.ps1',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/chunks/*.js',
      'dist/main.js',
      'dist/start.cjs',
      'dist/wrap.cjs',
      'dist/wrap/*.cjs',
      'package.json',
      'schema/policy.schema.json',
    ])
  })

  it('is strict in every file, as the modules are that went in', () => {
    const scripts = packed.filter((file) => file.startsWith('dist/') && file.endsWith('.cjs'))
    const loose = scripts.filter(
      (file) => !/^['"]use strict['"]/.test(readFileSync(join(installed, file), 'utf8')),
    )
    expect([scripts.length > 3, loose]).toEqual([true, []])
  })

  it('given an empty folder and no registry, installs alone: no dependencies, no scripts', () => {
    const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))
    expect(Object.keys(packages)).toEqual(['', 'node_modules/hoopctl'])
    const entry = packages['node_modules/hoopctl']
    expect({ ...entry, integrity: '', resolved: '' }).toEqual({
      version: VERSION,
      integrity: '',
      resolved: '',
      license: 'Apache-2.0',
      bin: { hoopctl: 'bin/hoopctl.js' },
      engines: { node: '>=22.13' },
      optionalDependencies: { '@napi-rs/keyring': manifest.optionalDependencies['@napi-rs/keyring'] },
    })
  })
})

const NODES_IN_USE = [
  { name: 'the first supported Node.js', node: nodeOf(FIRST_SUPPORTED), version: 'v22.13.0' },
  { name: 'Node.js 24', node: process.execPath, version: process.version },
]

describe.each(NODES_IN_USE)('installed, run by $name', ({ node, version }) => {
  const hoopctl = hoopctlOn(node)

  it('is run by that version', () => {
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()).toBe(version)
  })

  it('given --version, prints it and nothing else', () => {
    expect(hoopctl('--version')).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' })
  })

  it('keeps what Node.js compiles in its own cache directory', () => {
    hoopctl('--version')
    const cache = join(home, 'hoopctl', 'cache', 'compile')
    const compiled = readdirSync(cache).filter((name) => name.startsWith(`${version}-`))
    expect([compiled.length, statSync(cache).mode & 0o777]).toEqual([1, 0o700])
  })

  it.each(['policy schema', 'completion fish', 'sessions list --json', '--help'])(
    'given %s, prints no warning',
    (line) => {
      const { status, stdout, stderr } = hoopctl(...line.split(' '))
      expect({ status, stderr, printed: stdout.length > 0 }).toEqual({ status: 0, stderr: '', printed: true })
    },
  )

  it('given a policy and a call, decides it', () => {
    const policy = writePolicy(`explain-${version}.yaml`)
    const effects = ['read_file', 'write_file'].map((name) => {
      const call = JSON.stringify({ name, arguments: {} })
      return JSON.parse(hoopctl('policy', 'explain', '--policy', policy, '--call', call, '--json').stdout)
        .effect
    })
    expect(effects).toEqual(['allow', 'deny'])
  })

  it.each(['first', 'next'])('given a server to wrap, carries what both say, at the %s start', (start) => {
    const policy = writePolicy(`wrap-${version}-${start}.yaml`)
    const lines = [
      { id: 1, method: 'initialize', params: INITIALIZE },
      { method: 'notifications/initialized' },
      { id: 2, method: 'tools/call', params: { name: 'read_file', arguments: {} } },
    ].map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
    const wrap = ['wrap', '--policy', policy, '--', node, writeServer()]
    const { status, stdout } = hoopctl.fed(lines.join(''), ...wrap)
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(answers.map(({ id, result }) => [id, result.content ?? result.serverInfo.name])).toEqual([
      [1, 'echo'],
      [2, [{ type: 'text', text: 'read_file' }]],
    ])
    expect(status).toBe(0)
    const compiled = readdirSync(join(home, 'hoopctl', 'cache', 'compile'))
    expect(
      compiled.filter((name) => name.startsWith('start-wrap-') && name.includes(`-${version}-`)),
    ).toHaveLength(1)
  })
})

it.each([
  { said: undefined, kept: true },
  { said: '1', kept: false },
])('given NODE_DISABLE_COMPILE_CACHE $said, wrap keeps compiled code: $kept', ({ said, kept }) => {
  const HOOPCTL_HOME = mkdtempSync(join(home, 'compiled-'))
  const env = {
    HOME: home,
    HOOPCTL_HOME,
    ...(said === undefined ? {} : { NODE_DISABLE_COMPILE_CACHE: said }),
  }
  spawnSync(process.execPath, [join(installed, 'bin', 'hoopctl.js'), 'wrap', 'any'], { env, input: '' })
  const files = readdirSync(join(HOOPCTL_HOME, 'cache', 'compile'))
  expect(files.some((name) => name.startsWith('start-wrap-'))).toBe(kept)
})

describe.skipIf(!hasKeyring()).each(NODES_IN_USE)('the keychain, asked by $name', ({ node }) => {
  const addon = join(folder, 'node_modules', '@napi-rs')
  let keyring: Keyring
  beforeAll(async () => {
    keyring = await startKeyring()
  })
  beforeEach(() => rmSync(addon, { recursive: true, force: true }))
  afterAll(() => keyring.stop())

  it('given the addon, is used', async () => {
    cpSync(join(ROOT, 'node_modules', '@napi-rs'), addon, { recursive: true })
    expect(await chosenStore(node, keyring.bus)).toEqual({
      choice: { store: 'keychain', bus: keyring.bus },
      notice: null,
    })
  })

  it('given no addon, is none, and the person is told', async () => {
    expect(await chosenStore(node, keyring.bus)).toEqual({
      choice: { store: 'file', key: 'machine' },
      notice: expect.stringContaining(
        '(there is no keychain that hoopctl can use here (@napi-rs/keyring is not',
      ),
    })
  })

  it('given an addon that does not load, is none, and the person is told', async () => {
    mkdirSync(join(addon, 'keyring'), { recursive: true })
    writeFileSync(join(addon, 'keyring', 'index.js'), "throw new Error('built for another machine')")
    expect(await chosenStore(node, keyring.bus)).toEqual({
      choice: { store: 'file', key: 'machine' },
      notice: expect.stringContaining(
        '(there is no keychain that hoopctl can use here (built for another machine)',
      ),
    })
  })
})

describe('installed, run by a Node.js that is too old', () => {
  const NEXT = 'start it with a newer one, or from a clone: node_modules/.bin/node bin/hoopctl.js'
  const refused = [nodeOf(LAST_REFUSED), ...olderNodesOnPath()]

  it.each(refused)('given %s, says in one line what it needs, what it found and what to do', (node) => {
    const version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
    expect(hoopctlOn(node)('--version')).toEqual({
      status: EXIT_CODES.USAGE,
      stdout: '',
      stderr: `hoopctl: needs Node.js 22.13 or newer, found ${version} (${realpathSync(node)}): ${NEXT}\n`,
    })
  })
})

// What `login` asks, bundled as the build does it, in the place of the installed package.
async function chosenStore(node: string, bus: string): Promise<unknown> {
  const outfile = join(installed, 'dist', 'chosen-store.js')
  await build({
    input: join(ROOT, 'src', 'identity', 'choose-token-store.ts'),
    platform: 'node',
    external: '@napi-rs/keyring',
    output: { file: outfile, format: 'esm', codeSplitting: false },
  })
  const surroundings = {
    env: { DBUS_SESSION_BUS_ADDRESS: bus },
    platform: 'linux',
    uid: userInfo().uid,
    directories: { state: join(home, 'state') },
    prompt: null,
    timeouts: { reachMs: 60_000, personMs: 60_000 },
  }
  const script = `
    import { chooseTokenStore } from ${JSON.stringify(outfile)}
    const { choice, notice } = await chooseTokenStore(null, ${JSON.stringify(surroundings)})
    console.log(JSON.stringify({ choice, notice }))`
  return JSON.parse(
    execFileSync(node, ['--input-type=module', '-e', script], { cwd: home, encoding: 'utf8' }),
  )
}

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'package-test', version: '1.0.0' },
}

const SERVER = `
import { createInterface } from 'node:readline'
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'echo', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'read_file', inputSchema: { type: 'object' } }] }),
  'tools/call': ({ name }) => ({ content: [{ type: 'text', text: name }] }),
}
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method](params) }))
}
`

function writeServer(): string {
  const file = join(home, 'server.mjs')
  writeFileSync(file, SERVER)
  return file
}

function writePolicy(name: string): string {
  const file = join(home, name)
  const rules = [{ allow: { tool: 'read_*' } }]
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'hoopctl/v1', kind: 'Policy', metadata: { name: 'try' }, rules }),
  )
  return file
}

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function hoopctlOn(node: string) {
  const fed = (input: string, ...args: string[]): Ended => {
    const bin = join(installed, 'bin', 'hoopctl.js')
    const env = { PATH: process.env['PATH'], HOME: home, HOOPCTL_HOME: join(home, 'hoopctl') }
    const { status, stdout, stderr } = spawnSync(node, [bin, ...args], {
      cwd: home,
      env,
      input,
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }
  return Object.assign((...args: string[]) => fed('', ...args), { fed })
}

// Where the system's is too old it is one of them: it is what a person would have used.
function olderNodesOnPath(): string[] {
  const directories = (process.env['PATH'] ?? '').split(delimiter)
  const nodes = directories.map((directory) => join(directory, 'node')).filter((node) => existsSync(node))
  return [...new Set(nodes.map((node) => realpathSync(node)))].filter((node) => {
    const version = execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
    const [major = 0, minor = 0] = version.split('.').map(Number)
    return major < 22 || (major === 22 && minor < 13)
  })
}

function npm(cwd: string, ...args: string[]): string {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  return execFileSync('npm', [...args, ...quiet], { cwd, encoding: 'utf8' })
}
