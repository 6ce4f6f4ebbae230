import { join } from 'node:path'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { exchange, FOOTER, newState, openLog, type State } from '../../audit/a-log.ts'
import { sessionsShow } from '../../../src/cli/commands/sessions-show.ts'
import { openSharedState } from '../../../src/state/shared-state.ts'
import { Shims } from '../../../src/state/shims.ts'
import { fakeContext } from '../fake-context.ts'
import { freshHome, type Home, LAUNCHER, NODE } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'
import { eventually } from '../../eventually.ts'

let home: Home
let state: State
beforeEach(async () => {
  home = await freshHome()
  state = newState(join(home.folder, 'home'))
})
afterEach(() => home[Symbol.asyncDispose]())

/** `sessions show --follow 1`, and what it has printed. */
function follow() {
  const env = { PATH: process.env['PATH'], HOME: home.folder, HOOPCTL_HOME: join(home.folder, 'home') }
  const child: ChildProcess = spawn(NODE, [LAUNCHER, 'sessions', 'show', '--follow', '1'], {
    env,
    stdio: 'pipe',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let printed = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const ended = once(child, 'close')
  const shows = (text: string) => eventually(() => expect(printed).toContain(text))
  return { child, ended, shows, printed: () => printed }
}

describe('sessions show --follow', () => {
  it('given a session that runs, shows each record once it is written, and ends with the footer', async () => {
    const log = openLog(state)
    exchange(log, 1)
    const following = follow()
    await following.shows('#1  answered')
    exchange(log, 2)
    await following.shows('#2  answered')
    log.close(FOOTER)
    const [code] = (await following.ended) as [number]
    const { stdout } = await home.hoopctl(['sessions', 'show', '1'])
    expect({ code, printed: following.printed() }).toEqual({ code: 0, printed: stdout })
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('given %s, ends with %i', async (signal, expected) => {
    exchange(openLog(state), 1)
    const following = follow()
    await following.shows('#1  answered')
    following.child.kill(signal)
    const [code] = (await following.ended) as [number]
    expect(code).toBe(expected)
  })

  it('given a reader that has seen enough, ends with the next record', async () => {
    const log = openLog(state)
    exchange(log, 1)
    const following = follow()
    await following.shows('#1  answered')
    following.child.stdout?.destroy()
    exchange(log, 2)
    const [code] = (await following.ended) as [number]
    expect(code).toBe(0)
  })

  it('given a session whose process is gone without a word, says so and ends', async () => {
    const log = openLog(state)
    exchange(log, 1)
    const writer = spawn('sleep', ['600'])
    onTestFinished(() => void writer.kill('SIGKILL'))
    const shared = openSharedState(state.path, join(home.folder, 'home', 'run'))
    onTestFinished(() => shared.close())
    const about = { server: 'orders', policy: 'trust:00', started: new Date(), subject: null, grants: [] }
    new Shims(shared).register({ ...about, session: log.session, pid: writer.pid ?? 0 })
    const following = follow()
    await following.shows('#1  answered')
    exchange(log, 2)
    await following.shows('#2  answered')
    writer.kill('SIGKILL')
    const [code] = (await following.ended) as [number]
    const last = following.printed().split('\n').at(-2)
    expect({ code, last }).toEqual({
      code: 0,
      last: 'no end is recorded, and the process that wrote this is gone',
    })
  })

  it('given a terminal, says once how to end what has no end yet', async () => {
    const log = openLog(state)
    const { context, stderr } = fakeContext({
      terminal: true,
      env: { HOOPCTL_HOME: join(home.folder, 'home') },
    })
    const followed = sessionsShow({ session: '1', follow: true, json: false }, context)
    const said = 'hoopctl: session 1 has no end yet; Ctrl-C ends this\n'
    await eventually(() => expect(stderr()).toBe(said))
    log.close(FOOTER)
    await followed
    expect(stderr()).toBe(said)
  })

  it('given a session that has ended, shows it and ends', async () => {
    recordSession({ stateDirectory: state.path, calls: CALLS })
    const [followed, shown] = await Promise.all([
      home.hoopctl(['sessions', 'show', '--follow', '1']),
      home.hoopctl(['sessions', 'show', '1']),
    ])
    expect(followed).toEqual(shown)
  })

  it('given --json too, exits with 2', async () => {
    recordSession({ stateDirectory: state.path, calls: CALLS })
    const { exitCode, stdout } = await home.hoopctl(['sessions', 'show', '--follow', '--json', '1'])
    const message = '`--follow` and `--json` do not go together'
    const hint = 'leave out one: `--json` prints what is recorded by now'
    expect({ exitCode, said: JSON.parse(stdout) }).toEqual({
      exitCode: 2,
      said: { error: { code: 'USAGE', message, hint } },
    })
  })
})
