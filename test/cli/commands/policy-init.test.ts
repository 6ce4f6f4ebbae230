import { access, mkdir, readFile, stat } from 'node:fs/promises'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { policyInit } from '../../../src/cli/commands/policy-init.ts'
import { isRunning } from '../../e2e/processes.ts'
import { fakeContext } from '../fake-context.ts'
import { freshHome, type Home, LAUNCHER, NODE } from '../hoopctl.ts'

const SERVER = join(import.meta.dirname, '..', '..', 'fixtures', 'hinting-server.mjs')

let home: Home
let pids: string
let config: string
beforeEach(async () => {
  home = await freshHome()
  pids = join(home.folder, 'pids')
  config = join(home.folder, 'home', 'config')
})
afterEach(() => home[Symbol.asyncDispose]())

const ELSEWHERE =
  'write the draft elsewhere with --out FILE; for both servers in one policy, copy its entry in `servers` and its rules'

/** The processes that the server was, and which of them still run. */
async function processes(): Promise<{ started: number; running: number }> {
  const ids = (await readFile(pids, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  const running = await Promise.all(ids.map((id) => isRunning(Number(id))))
  return { started: ids.length, running: running.filter(Boolean).length }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

describe('policy init', () => {
  it('given --yes, writes a draft that passes lint, ends the server, and says what to do next', async () => {
    const file = join(config, 'policy.yaml')
    const init = await home.hoopctl(['policy', 'init', '--yes', '--', NODE, SERVER, pids])
    expect(init).toEqual({
      exitCode: 0,
      stdout: `Wrote ${file}: 3 tools, 1 resource, 0 resource templates, 1 prompt.\n`,
      stderr: `
It is a draft that nobody signed: whoever may write the file may change what is allowed.
1. Read it. A call under \`ask\` waits until a person answers it in: hoopctl approve
   Write \`allow\` where nobody needs to be asked.
2. Check it:
     hoopctl policy lint ${file}
3. Put this in place of the server's own entry in the client's configuration:
     "orders-db": ${JSON.stringify({ command: realpathSync(NODE), args: [LAUNCHER, 'wrap', 'orders-db'] })}
`,
    })
    expect([(await stat(file)).mode & 0o777, (await stat(config)).mode & 0o777]).toEqual([0o600, 0o700])
    expect((await processes()).running).toBe(0)
    const lint = await home.hoopctl(['policy', 'lint', file])
    expect(lint).toEqual({ exitCode: 0, stdout: `${file}: ok (5 rules, 1 server)\n`, stderr: '' })
  })

  it.each([
    { trust: [], effects: ['ask', 'ask', 'deny', 'deny'] },
    { trust: ['--trust-hints'], effects: ['allow', 'ask', 'deny', 'deny'] },
  ])('given $trust, the draft decides $effects', async ({ trust, effects }) => {
    await home.hoopctl(['policy', 'init', '--yes', '--out', 'p.yaml', ...trust, '--', NODE, SERVER, pids])
    const calls = ['list_orders', 'pay', 'drop_all', 'unknown'].map((name) => `{"name":"${name}"}\n`)
    const args = [
      'policy',
      'explain',
      '--policy',
      'p.yaml',
      '--server',
      'orders-db',
      '--json',
      '--calls',
      '-',
    ]
    const { stdout } = await home.hoopctl(args, { input: calls.join('') })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).effect)).toEqual(effects)
  })

  it('given --json, prints what was written and nothing else', async () => {
    const out = join(home.folder, 'p.yaml')
    const args = ['policy', 'init', '--yes', '--json', '--out', 'p.yaml', '--', NODE, SERVER, pids]
    const { exitCode, stdout, stderr } = await home.hoopctl(args)
    const sizes = { tools: 3, resources: 1, resourceTemplates: 0, prompts: 1 }
    expect({ exitCode, stderr, draft: JSON.parse(stdout) }).toEqual({
      exitCode: 0,
      stderr: '',
      draft: { file: out, server: 'orders-db', ...sizes },
    })
  })

  it('given a server of stock, lists all that it has', async () => {
    const everything = join(
      import.meta.dirname,
      '..',
      '..',
      '..',
      'node_modules',
      '.bin',
      'mcp-server-everything',
    )
    const args = ['policy', 'init', '--yes', '--out', 'p.yaml', '--', NODE, everything]
    const { exitCode, stdout } = await home.hoopctl(args)
    const path = join(home.folder, 'p.yaml')
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `Wrote ${path}: 13 tools, 7 resources, 2 resource templates, 4 prompts.\n`,
    })
    expect((await home.hoopctl(['policy', 'lint', 'p.yaml'])).exitCode).toBe(0)
  })

  it('given a file that is there, starts nothing and leaves it as it is', async () => {
    await home.write('p.yaml', 'mine')
    const path = join(home.folder, 'p.yaml')
    expect(
      await home.hoopctl(['policy', 'init', '--yes', '--out', 'p.yaml', '--', NODE, SERVER, pids]),
    ).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `hoopctl: \`${path}\` exists already\n  hint: ${ELSEWHERE}\n`,
    })
    expect({ text: await readFile(path, 'utf8'), ...(await processes()) }).toEqual({
      text: 'mine',
      started: 0,
      running: 0,
    })
  })

  it('given nobody to ask and no --yes, starts nothing', async () => {
    expect(await home.hoopctl(['policy', 'init', '--', NODE, SERVER, pids])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: [
        'hoopctl: nobody can be asked whether the server may be started: stdin is no terminal\n',
        '  hint: add --yes before -- to start it without asking\n',
      ].join(''),
    })
    expect(await processes()).toEqual({ started: 0, running: 0 })
  })

  it.each([
    { answer: 'y\n', written: true },
    { answer: 'YES\n', written: true },
    { answer: '\n', written: false },
    { answer: 'n\n', written: false },
    { answer: 'yonder\n', written: false },
    { answer: '', written: false },
  ])('given the answer $answer, the server is started: $written', async ({ answer, written }) => {
    const env = { HOOPCTL_HOME: join(home.folder, 'home'), PATH: process.env['PATH'] ?? '' }
    const fake = fakeContext({ terminal: true, input: answer, env, workingDirectory: home.folder })
    const command = [NODE, SERVER, pids, '\u001b[31m']
    const options = { command, out: 'p.yaml', trustHints: false, yes: false, json: false }
    const failure = await policyInit(options, fake.context).catch((error: { code: string }) => error.code)
    expect(failure).toBe(written ? undefined : 'CANCELLED')
    const { started } = await processes()
    const seen = { started: started > 0, file: await exists(join(home.folder, 'p.yaml')) }
    expect(seen).toEqual({ started: written, file: written })
    expect(fake.stderr()).toContain(
      `This starts \`${NODE} ${SERVER} ${pids} '\\u{1b}[31m'\`, without any policy`,
    )
  })

  it('given a server that ends at once, exits with 8 after its last lines', async () => {
    const script = 'echo first >&2; printf "se\\033cond\\n" >&2; exit 3'
    const { exitCode, stdout, stderr } = await home.hoopctl([
      'policy',
      'init',
      '--yes',
      '--',
      '/bin/sh',
      '-c',
      script,
      'secret-argument',
    ])
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 8,
      stdout: '',
      stderr: [
        '/bin/sh: first\n/bin/sh: se\\u{1b}cond\n',
        'hoopctl: `/bin/sh` does not answer: connection closed\n',
        '  hint: run that command by itself to see what it says\n',
      ].join(''),
    })
    expect(await exists(join(config, 'policy.yaml'))).toBe(false)
  })

  it('given a server that ends at a request of the newer era, starts it once more', async () => {
    const args = ['policy', 'init', '--yes', '--out', 'p.yaml', '--', NODE, SERVER, pids, '--strict']
    const { exitCode, stdout } = await home.hoopctl(args)
    const path = join(home.folder, 'p.yaml')
    expect({ exitCode, stdout, ...(await processes()) }).toEqual({
      exitCode: 0,
      stdout: `Wrote ${path}: 3 tools, 1 resource, 0 resource templates, 1 prompt.\n`,
      started: 2,
      running: 0,
    })
  })

  it('given a server that never answers, gives up and ends it with what it started', async () => {
    const HOOPCTL_HOME = join(home.folder, 'home')
    const fake = fakeContext({ env: { HOOPCTL_HOME } })
    const command = ['/bin/sh', '-c', `sleep 1000 & echo "$$\n$!" >> ${pids}; wait`]
    const init = policyInit({ command, trustHints: false, yes: true, json: false }, fake.context, 2000)
    await expect(init).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: '`/bin/sh` does not answer: request timed out',
    })
    // Twice two: a server that is silent in the newer era is asked once more in the older one.
    expect(await processes()).toEqual({ started: 4, running: 0 })
  })

  it('given no such command, exits with 8', async () => {
    const { exitCode, stdout } = await home.hoopctl([
      'policy',
      'init',
      '--yes',
      '--json',
      '--',
      'no-such-server',
    ])
    const error = {
      code: 'SERVER_UNREACHABLE',
      message: 'there is no executable `no-such-server` in PATH',
      hint: 'give the whole path of the command that starts the server',
    }
    expect({ exitCode, told: JSON.parse(stdout) }).toEqual({ exitCode: 8, told: { error } })
  })

  it('given a name, calls the server that in each rule', async () => {
    const args = ['policy', 'init', '--yes', '--name', 'shop_1', '--', NODE, SERVER, pids]
    const { exitCode, stderr } = await home.hoopctl(args)
    expect({ exitCode, entry: stderr.includes('"shop_1": {') }).toEqual({ exitCode: 0, entry: true })
    const call = ['--call', '{"name":"list_orders"}', '--json']
    const { stdout } = await home.hoopctl(['policy', 'explain', '--server', 'shop_1', ...call])
    expect(JSON.parse(stdout)).toMatchObject({ effect: 'ask' })
  })

  it.each(['', 'a b', '-x', '../x', 'a.b', 'x'.repeat(65)])(
    'given the name %j, starts nothing',
    async (name) => {
      const args = ['policy', 'init', '--yes', `--name=${name}`, '--', NODE, SERVER, pids]
      expect(await home.hoopctl(args)).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: [
          `hoopctl: \`${name}\` is no name for a server\n`,
          '  hint: up to 64 letters, digits, `-` and `_`, beginning with a letter or a digit\n',
        ].join(''),
      })
      expect(await processes()).toEqual({ started: 0, running: 0 })
    },
  )

  it('given a folder that is not there, starts nothing, and says how to make it', async () => {
    const args = ['policy', 'init', '--yes', '--out', 'no/p.yaml', '--', NODE, SERVER, pids]
    const folder = join(home.folder, 'no')
    expect(await home.hoopctl(args)).toEqual({
      exitCode: 8,
      stdout: '',
      stderr: `hoopctl: there is no directory \`${folder}\`\n  hint: run: mkdir -p ${folder}\n`,
    })
    expect(await processes()).toEqual({ started: 0, running: 0 })
    await mkdir(folder)
    expect((await home.hoopctl(args)).exitCode).toBe(0)
  })
})
