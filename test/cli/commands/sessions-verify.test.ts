import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
})
afterEach(() => home[Symbol.asyncDispose]())

const KEYS = ['ok', 'session', 'state', 'device', 'deviceKnown', 'records', 'signedTo', 'problem']
const keysOf = (json: string) => Object.keys(JSON.parse(json) as object)

describe('sessions verify', () => {
  it('given nothing to verify, says what to type', async () => {
    expect(await home.hoopctl(['sessions', 'verify'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: [
        'hoopctl: nothing is named to verify\n',
        '  hint: type: hoopctl sessions verify ID, or, for all of this machine: ',
        `hoopctl sessions verify ${join(stateDirectory, 'sessions')}; with --remote they are compared with what was sent\n`,
      ].join(''),
    })
  })

  it('given sessions by id, number and path, verifies each', async () => {
    const first = recordSession({ stateDirectory, calls: CALLS })
    const killed = recordSession({ stateDirectory, calls: CALLS.slice(0, 2), ended: false })
    const third = recordSession({ stateDirectory, calls: [] })
    const verified = await home.hoopctl(['sessions', 'verify', first.session, '2', third.path])
    expect(verified).toEqual({
      exitCode: 0,
      stdout: [
        `${first.session}: ok, complete, 6 records\n`,
        `${killed.session}: ok, open, 4 records\n`,
        '  there is no footer: it is running, was killed, or its end was cut off; nothing in it is signed, so anybody can have written it\n',
        `${third.session}: ok, complete, 3 records\n`,
        '3 sessions of 1 device: 2 complete, 1 open\n',
      ].join(''),
      stderr: '',
    })
  })

  it('given --json, prints one object a session with what programs read', async () => {
    const { session, device } = recordSession({ stateDirectory, calls: CALLS })
    const open = recordSession({ stateDirectory, calls: [], ended: false })
    const { exitCode, stdout } = await home.hoopctl(['sessions', 'verify', '--json', '1', '2'])
    const known = { device, deviceKnown: true }
    const rest = { signedTo: 5, problem: null }
    const objects = stdout.trimEnd().split('\n')
    expect({ exitCode, objects: objects.map((line) => JSON.parse(line)) }).toEqual({
      exitCode: 0,
      objects: [
        { ok: true, session, state: 'complete', ...known, records: 6, ...rest },
        {
          ok: true,
          session: open.session,
          state: 'open',
          ...known,
          records: 2,
          signedTo: null,
          problem: null,
        },
      ],
    })
  })

  it('given an altered record, exits with 7 and says which; the session beside it is ok', async () => {
    const altered = recordSession({ stateDirectory, calls: CALLS })
    const intact = recordSession({ stateDirectory, calls: CALLS })
    const text = await readFile(altered.path, 'utf8')
    await writeFile(altered.path, text.replace('"denied":1', '"denied":0'))
    expect(await home.hoopctl(['sessions', 'verify', altered.session, intact.session])).toEqual({
      exitCode: 7,
      stdout: [
        `${altered.session}: broken, 5 records\n  the signature of record 5 (line 6) does not hold\n`,
        `${intact.session}: ok, complete, 6 records\n`,
        '2 sessions of 1 device: 1 complete, 1 broken\n',
      ].join(''),
      stderr: '',
    })
  })

  it('given the log of another device, exits with 7 unless its key is named', async () => {
    recordSession({ stateDirectory, calls: CALLS })
    const theirs = recordSession({ stateDirectory: join(home.folder, 'theirs'), calls: CALLS })
    const refused = await home.hoopctl(['sessions', 'verify', theirs.path])
    expect(refused).toEqual({
      exitCode: 7,
      stdout: `${theirs.session}: not trusted, 6 records\n  the device key \`${theirs.device}\` is not known here\n`,
      stderr: '',
    })
    const named = await home.hoopctl(['sessions', 'verify', '--device', theirs.device, theirs.path])
    expect(named).toEqual({ exitCode: 0, stdout: `${theirs.session}: ok, complete, 6 records\n`, stderr: '' })
    const both = await home.hoopctl(['sessions', 'verify', '1', theirs.path])
    expect(both.stdout).toMatch(/\n2 sessions of 2 devices: 1 complete, 1 not trusted\n$/u)
  })

  it('given a directory from which a session is gone, exits with 7 and says which', async () => {
    const sessions = [1, 2, 3].map(() => recordSession({ stateDirectory, calls: [] }))
    const directory = join(stateDirectory, 'sessions')
    expect((await home.hoopctl(['sessions', 'verify', directory])).exitCode).toBe(0)
    const { stdout } = await home.hoopctl(['sessions', 'verify', '--json', directory])
    expect(stdout.split('\n').slice(0, -1).map(keysOf)).toEqual(sessions.map(() => KEYS))
    await rm(sessions[1]?.path ?? '')
    expect(await home.hoopctl(['sessions', 'verify', directory])).toEqual({
      exitCode: 7,
      stdout: [
        `${sessions[0]?.session}, number 1: ok, complete, 3 records\n`,
        `${sessions[2]?.session}, number 3: ok, complete, 3 records\n`,
        `${directory}: broken\n  session 2 is missing\n`,
        '2 sessions of 1 device: 2 complete, 1 fault between them\n',
      ].join(''),
      stderr: '',
    })
  })

  it('given half a last line, counts it out and says so', async () => {
    const { session, path } = recordSession({ stateDirectory, calls: [], ended: false })
    await appendFile(path, '{"seq":2')
    const { exitCode, stdout } = await home.hoopctl(['sessions', 'verify', session])
    expect({ exitCode, head: stdout.split('\n')[0] }).toEqual({
      exitCode: 0,
      head: `${session}: ok, open, 2 records`,
    })
    expect(stdout).toContain('half a line (8 bytes)')
  })

  it.each([
    {
      args: ['./nosuch.jsonl'],
      error: 'there is no file `./nosuch.jsonl`',
      hint: 'name a session’s id, a log file, a directory, or where evidence was sent (s3://…)',
    },
    {
      args: ['--device', 'ed25519:x', '1'],
      error: '`ed25519:x` is no device key',
      hint: 'a device key is `ed25519:` and 43 characters, as `sessions show` prints it',
    },
  ])('given $args, exits with 2', async ({ args, error, hint }) => {
    await mkdir(stateDirectory, { recursive: true, mode: 0o700 })
    const outcome = await home.hoopctl(['sessions', 'verify', ...args])
    expect(outcome).toEqual({ exitCode: 2, stdout: '', stderr: `hoopctl: ${error}\n  hint: ${hint}\n` })
  })
})
