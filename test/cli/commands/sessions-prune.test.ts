import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileNameOf } from '../../../src/audit/session-number.ts'
import { openSharedState } from '../../../src/state/shared-state.ts'
import { Shims } from '../../../src/state/shims.ts'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
})
afterEach(() => home[Symbol.asyncDispose]())

const OURS = { name: 'company', version: null, digest: '0'.repeat(64), signed: false }

const at = (folder: string) => `file://${join(home.folder, folder)}/`
const log = (number: number) => join(stateDirectory, 'sessions', fileNameOf(number))
const objects = (folder: string, session: string) =>
  join(home.folder, folder, '2026-11-21/orders-db/alice', session)

async function policy(retain: string | null, ...folders: readonly string[]): Promise<void> {
  const to = folders.map((folder) => ({ url: folder.includes('://') ? folder : at(folder) }))
  const audit = { ...(retain !== null && { retain }), ...(to.length > 0 && { upload: { to } }) }
  const head = { apiVersion: 'hoopctl/v1', kind: 'Policy', metadata: { name: 'company' } }
  await home.write('p.yaml', JSON.stringify({ ...head, rules: [{ allow: { tool: 'x' } }], audit }))
  chmodSync(join(home.folder, 'p.yaml'), 0o600)
}

const sessions = (command: string, ...more: readonly string[]) =>
  home.hoopctl(['sessions', command, '--policy', 'p.yaml', ...more])
const prune = (...more: readonly string[]) => sessions('prune', ...more)

/** Records so many sessions and one more: the newest is never pruned. */
function record(count: number, options: { policy?: typeof OURS; ended?: boolean } = {}) {
  const recorded = Array.from({ length: count + 1 }, () => {
    return recordSession({ stateDirectory, calls: CALLS, policy: OURS, ...options })
  })
  return recorded.slice(0, -1)
}

/** What `prune --json` says: the numbers of those it removed, and why it kept which; the newest is left out. */
async function outcome(...more: readonly string[]) {
  const { exitCode, stdout, stderr } = await prune('--json', ...more)
  const said: {
    pruned: { number: number }[]
    kept: { number: number; why: string }[]
    younger: number
    others: number
  } = JSON.parse(stdout)
  const { younger, others } = said
  const kept = said.kept.filter(({ why }) => !why.includes('newest')).map(({ number, why }) => [number, why])
  return { exitCode, pruned: said.pruned.map(({ number }) => number), kept, younger, others, stderr }
}

async function expectWholeSeries() {
  const { exitCode, stdout } = await home.hoopctl(['sessions', 'verify', join(stateDirectory, 'sessions')])
  expect({ exitCode, stdout: exitCode === 0 ? '' : stdout }).toEqual({ exitCode: 0, stdout: '' })
}

const NOTHING = { exitCode: 0, pruned: [], kept: [], younger: 0, others: 0, stderr: '' }

describe('sessions prune', () => {
  it('given old sessions that all destinations hold, removes them, says so, and leaves no gap', async () => {
    await policy('1h', 'a', 'b')
    const [first, second] = record(2)
    await sessions('upload')
    const dry = await prune('--dry-run')
    expect(dry.stdout).toContain(
      '2 sessions would be removed, 1 kept, 0 not older than 1h, 0 of other policies',
    )
    expect([1, 2, 3].map((number) => existsSync(log(number)))).toEqual([true, true, true])
    const size = (path: string | undefined) => statSync(path ?? '').size.toLocaleString('en')
    const line = (number: number, one: typeof first) =>
      `session ${number} (${one?.session}): removed, ${size(one?.path)} bytes, read back from ${at('a')}, ${at('b')}\n`
    const expected = line(1, first) + line(2, second)
    const { exitCode, stdout, stderr } = await prune()
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toContain(expected)
    expect(stdout).toContain('kept: it is the newest session, from which numbering goes on')
    expect([1, 2, 3].map((number) => existsSync(log(number)))).toEqual([false, false, true])
    expect(statSync(join(stateDirectory, 'sessions', 'pruned.jsonl')).mode & 0o777).toBe(0o600)
    await expectWholeSeries()
    const list = await home.hoopctl(['sessions', 'list', '--json'])
    expect(JSON.parse(list.stdout).sessions).toHaveLength(1)
    recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    expect(existsSync(log(4))).toBe(true)
    await expectWholeSeries()
  })

  it('given a link at the destination that leads to the log itself, sends nothing past it and keeps the log', async () => {
    await policy('1h', 'a')
    const [first, second] = record(2)
    mkdirSync(objects('a', first?.session ?? ''), { recursive: true })
    const link = join(objects('a', first?.session ?? ''), '0000000000.jsonl')
    symlinkSync(log(1), link)
    mkdirSync(join(home.folder, 'elsewhere'))
    symlinkSync(join(home.folder, 'elsewhere'), objects('a', second?.session ?? ''))
    expect((await sessions('upload')).exitCode).toBe(8)
    expect(readdirSync(join(home.folder, 'elsewhere'))).toEqual([])
    const why = (path: string) => `\`${path}\` is a link, which leads out of the place`
    const kept = [link, objects('a', second?.session ?? '')].map((path, index) => [index + 1, why(path)])
    expect(await outcome()).toEqual({ ...NOTHING, exitCode: 8, kept })
    expect(existsSync(log(1))).toBe(true)
  })

  it('given a policy that is not signed and names a bucket, to which nothing is sent, removes nothing', async () => {
    record(1)
    await policy('1h', 's3://acme-audit/hoopctl', 'a')
    await sessions('upload')
    const { exitCode, stdout, stderr } = await prune()
    expect([exitCode, stdout, existsSync(log(1))]).toEqual([3, '', true])
    expect(stderr).toContain(
      'the policy `company` names `s3://acme-audit/hoopctl/`, and as it is not signed nothing is sent there: no log is removed',
    )
  })

  it('given the number or the id of one that was pruned, `show` says when, and where it lies now', async () => {
    await policy('1h', 'a')
    const [first] = record(1)
    await sessions('upload')
    await prune()
    for (const id of ['1', first?.session ?? '', '00000001']) {
      const { exitCode, stderr } = await home.hoopctl(['sessions', 'show', id])
      expect(exitCode).toBe(2)
      expect(stderr).toMatch(
        new RegExp(`the log of session 1 \\(${first?.session}\\) was pruned at 20[-0-9T:.]+Z\n`, 'u'),
      )
      expect(stderr).toContain(
        `then it lay at ${at('a')}2026-11-21/orders-db/alice/${first?.session}/ (1 segment)`,
      )
    }
  })

  it('[ATK-UNHELD-PRUNE] given a state.db that says that all is there, and it is not, removes nothing', async () => {
    await policy('1h', 'a', 'b')
    const [first] = record(1)
    await sessions('upload')
    rmSync(objects('b', first?.session ?? ''), { recursive: true })
    const status = await home.hoopctl(['status', '--policy', 'p.yaml'])
    expect(status.stdout).toContain(`${at('b')}: 2 sessions, all are there`)
    const why = `\`${at('b')}\` does not hold \`2026-11-21/orders-db/alice/${first?.session}/0000000000.jsonl\``
    expect(await outcome()).toEqual({ ...NOTHING, exitCode: 8, kept: [[1, why]] })
    expect(existsSync(log(1))).toBe(true)
  })

  it('[ATK-UNHELD-PRUNE] given a state.db written by somebody who never uploaded, removes nothing', async () => {
    await policy('1h', 'a')
    record(1)
    await home.hoopctl(['status', '--policy', 'p.yaml'])
    using database = new DatabaseSync(join(stateDirectory, 'state.db'))
    database
      .prepare('INSERT INTO uploaded_logs (destination, number, bytes) VALUES (?, 1, ?)')
      .run(at('a'), statSync(log(1)).size)
    expect(await outcome()).toMatchObject({ exitCode: 8, pruned: [] })
    expect(existsSync(log(1))).toBe(true)
  })

  it('given other bytes at one destination, keeps that session, ends with 7, and goes on with the others', async () => {
    await policy('1h', 'a', 'b')
    const [first] = record(2)
    await sessions('upload')
    const object = join(objects('a', first?.session ?? ''), '0000000000.jsonl')
    writeFileSync(object, readFileSync(object, 'utf8').replace('list_tables', 'LIST_TABLES'))
    const why = `\`2026-11-21/orders-db/alice/${first?.session}/0000000000.jsonl\` at \`${at('a')}\` holds other bytes than the log`
    expect(await outcome()).toEqual({ ...NOTHING, exitCode: 7, pruned: [2], kept: [[1, why]] })
    expect([1, 2].map((number) => existsSync(log(number)))).toEqual([true, false])
    await expectWholeSeries()
  })

  it('given a destination that cannot be read now, keeps all, and removes them when it can', async () => {
    await policy('1h', 'a')
    record(5)
    await sessions('upload')
    await home.write('file', 'where the directory should be')
    await policy('1h', 'a', 'file')
    const kept = await outcome()
    expect(kept).toMatchObject({ exitCode: 8, pruned: [] })
    expect(kept.kept).toHaveLength(5)
    await policy('1h', 'a')
    expect(await outcome()).toEqual({ ...NOTHING, pruned: [1, 2, 3, 4, 5] })
  })

  it('given a log that was cut where a segment ends, keeps it: the destination holds more', async () => {
    await policy('1h', 'a')
    const args = JSON.stringify({ text: 'x'.repeat(60_000) })
    const calls = Array.from({ length: 80 }, () => ({ tool: 'x', effect: 'allow', args }) as const)
    const { path, session } = recordSession({ stateDirectory, calls, policy: OURS })
    record(0)
    await sessions('upload')
    const names = readdirSync(objects('a', session)).toSorted()
    expect(names).toHaveLength(2)
    writeFileSync(path, readFileSync(join(objects('a', session), names[0] ?? '')))
    const long = new Date(Date.now() - 120_000)
    utimesSync(path, long, long)
    expect(await outcome()).toMatchObject({ exitCode: 7, pruned: [] })
    expect(existsSync(path)).toBe(true)
  })

  it('given logs that were altered or replaced, keeps them as evidence, and ends with 7', async () => {
    await policy('1h')
    record(4)
    writeFileSync(log(1), readFileSync(log(1), 'utf8').replace('list_tables', 'LIST_TABLES'))
    writeFileSync(log(3), readFileSync(log(4)))
    const { exitCode, pruned, kept } = await outcome()
    expect({ exitCode, pruned }).toEqual({ exitCode: 7, pruned: [4] })
    expect(kept).toEqual([
      [1, expect.stringContaining('one of the two was altered')],
      [2, 'session 3 does not follow on it: it was altered or replaced'],
      [3, 'its log is that of another number'],
    ])
  })

  it('given a log that is signed by another device, keeps it', async () => {
    await policy('1h')
    record(1)
    rmSync(join(stateDirectory, 'device.pem'))
    rmSync(join(stateDirectory, 'device.pub'))
    const { exitCode, kept } = await outcome()
    expect({ exitCode, kept }).toEqual({
      exitCode: 7,
      kept: [[1, expect.stringContaining('is not known here')]],
    })
  })

  it('given sessions of another policy, or of one of that name that is signed, leaves and counts them', async () => {
    await policy('1h')
    record(1, { policy: { ...OURS, name: 'mine' } })
    record(1, { policy: { ...OURS, signed: true } })
    record(0)
    const why = 'the policy `company` names no destination: what is removed here lies nowhere else'
    expect(await outcome()).toEqual({ ...NOTHING, others: 4, stderr: `hoopctl: ${why}\n` })
  })

  it('given one that has no end yet, keeps it while somebody writes to it, and removes it later', async () => {
    await policy('1h')
    record(1, { ended: false })
    const [now, before] = [new Date(), new Date(Date.now() - 61_000)]
    utimesSync(log(1), now, now)
    expect((await outcome()).kept).toEqual([[1, 'it runs, or somebody wrote to its log within a minute']])
    utimesSync(log(1), before, before)
    expect((await outcome()).pruned).toEqual([1])
    await expectWholeSeries()
  })

  it('given one that runs, keeps it, though nothing was written to it for long', async () => {
    await policy('1h')
    const [first] = record(1, { ended: false })
    utimesSync(log(1), 0, 0)
    const shared = openSharedState(stateDirectory, join(home.folder, 'home', 'run'))
    const shim = { pid: process.pid, server: 'orders-db', policy: 'p', started: new Date() }
    const who = { session: first?.session ?? '', subject: null, grants: [] }
    new Shims(shared).register({ ...shim, ...who })
    shared.close()
    expect((await outcome()).kept).toEqual([[1, 'it runs, or somebody wrote to its log within a minute']])
    expect(existsSync(log(1))).toBe(true)
  })

  it('given a log that was noted and not removed, as after a crash, removes it, and notes it once', async () => {
    await policy('1h', 'a')
    record(1)
    await sessions('upload')
    const bytes = readFileSync(log(1))
    await prune()
    writeFileSync(log(1), bytes)
    await expectWholeSeries()
    expect((await outcome()).pruned).toEqual([1])
    const notes = readFileSync(join(stateDirectory, 'sessions', 'pruned.jsonl'), 'utf8')
    expect(notes.split('\n')).toHaveLength(2)
  })

  it('given an old note of the newest session, gives no number a second time', async () => {
    await policy('1h')
    record(1)
    const newest = join(stateDirectory, 'sessions', 'last.json')
    const old = readFileSync(newest)
    record(2)
    writeFileSync(newest, old)
    expect((await outcome()).pruned).toEqual([1, 2, 3, 4])
    recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    expect([3, 5, 6].map((number) => existsSync(log(number)))).toEqual([false, true, true])
    await expectWholeSeries()
  })

  it('given times, goes by the last record, whatever the file says', async () => {
    await policy('3650d')
    record(1)
    utimesSync(log(1), 0, 0)
    expect(await outcome()).toMatchObject({ pruned: [], younger: 2 })
    expect((await outcome('--older-than', '1h')).pruned).toEqual([1])
  })

  it('given no time, or one that is none, says what to write', async () => {
    await policy(null)
    const none = await prune()
    expect({ exitCode: none.exitCode, stdout: none.stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(none.stderr).toContain('the policy `company` does not say how long sessions are kept')
    expect(none.stderr).toContain('or type: hoopctl sessions prune --older-than 90d')
    expect((await prune('--older-than', 'soon')).exitCode).toBe(2)
  })

  it('given no session at all, removes nothing', async () => {
    await policy('1h', 'a')
    expect(await outcome()).toEqual(NOTHING)
  })

  it('given notes that were altered, removes nothing and ends with 7', async () => {
    await policy('1h')
    record(2)
    writeFileSync(join(stateDirectory, 'sessions', 'pruned.jsonl'), '{"number":1}\n')
    const { exitCode, stderr } = await prune()
    expect(exitCode).toBe(7)
    expect(stderr).toContain('pruned.jsonl: line 1 is no note of a session that was pruned')
    expect([1, 2].map((number) => existsSync(log(number)))).toEqual([true, true])
  })

  it('given two at once, removes each session once, and each has its note', async () => {
    await policy('1h', 'a')
    record(12)
    await sessions('upload')
    const both = await Promise.all([outcome(), outcome(), outcome()])
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0])
    expect(both.flatMap(({ pruned }) => pruned).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    )
    await expectWholeSeries()
  })
})

describe('sessions hold', () => {
  it('given a hold, prune keeps the session, lists and show tell of it, and it lasts until it is released', async () => {
    await policy('1h')
    const [first] = record(1)
    const held = await home.hoopctl(['sessions', 'hold', '1', '--reason', 'INC-2211\u001b[2J', '--json'])
    const hold: { since: string; osUser: string; reason: string } = JSON.parse(held.stdout).held
    expect(hold).toEqual({ since: hold.since, osUser: hold.osUser, reason: 'INC-2211\u001b[2J', also: [] })
    const words = `it is held since ${hold.since} by ${hold.osUser}: INC-2211`
    rmSync(stateDirectory + '/state.db', { force: true })
    const kept = await outcome()
    expect(kept).toMatchObject({ exitCode: 0, pruned: [], kept: [[1, `${words}\u001b[2J`]] })
    const list = await home.hoopctl(['sessions', 'list'])
    expect(list.stdout.split('\n').map((line) => / (HELD|INC-2211.*)$/u.exec(line)?.[1])).toEqual([
      'HELD',
      'INC-2211\\u{1b}[2J',
      undefined,
      undefined,
    ])
    const listed = JSON.parse((await home.hoopctl(['sessions', 'list', '--json'])).stdout)
    expect(listed.sessions).toMatchObject([
      { held: true, hold },
      { held: false, hold: null },
    ])
    const shown = await home.hoopctl(['sessions', 'show', first?.session ?? ''])
    expect(shown.stdout.split('\n')[0]).toBe(`${words}\\u{1b}[2J`)
    const records = JSON.parse((await home.hoopctl(['sessions', 'show', '1', '--json'])).stdout)
    expect(records).toMatchObject({ session: first?.session, held: hold })
    const released = await home.hoopctl(['sessions', 'hold', '1', '--release'])
    expect(released).toEqual({ exitCode: 0, stdout: 'session 1: it is not held\n', stderr: '' })
    expect((await home.hoopctl(['sessions', 'list'])).stdout).not.toContain('HELD')
    expect((await outcome()).pruned).toEqual([1])
  })

  it.each([
    ['no JSON', (path: string) => writeFileSync(path, 'held, said somebody')],
    ['a file that nobody may read', (path: string) => writeFileSync(path, '{}', { mode: 0 })],
    ['a directory', (path: string) => mkdirSync(path)],
  ])('given %s in the place of a hold, the session counts as held', async (_, make) => {
    await policy('1h')
    record(1)
    make(log(1).replace('.jsonl', '.hold'))
    expect((await outcome()).kept).toEqual([[1, 'it is held; who held it, and why, cannot be read']])
    expect(existsSync(log(1))).toBe(true)
  })

  it.each([
    [['1', '--reason', ' '], '`--reason` is empty'],
    [['1', '--reason', 'x', '--release'], '`--reason` and `--release` do not go together'],
    [['7'], 'there is no session `7`'],
  ])('given %j, says what is wrong', async (args, message) => {
    record(1)
    const { exitCode, stderr } = await home.hoopctl(['sessions', 'hold', ...args])
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })
})
