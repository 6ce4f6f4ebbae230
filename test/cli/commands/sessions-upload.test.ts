import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
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

const OURS = { name: 'company', version: null, digest: '0'.repeat(64), signed: false }
const OTHERS = { ...OURS, name: 'mine' }

const at = (folder: string) => `file://${join(home.folder, folder)}/`

async function policy(...folders: readonly string[]): Promise<void> {
  const to = folders.map((folder) => `{ url: "${at(folder)}" }`).join(', ')
  const rules = 'rules:\n  - allow: { tool: x }\n'
  await home.write(
    'p.yaml',
    `apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: company }\n${rules}audit: { upload: { to: [${to}] } }\n`,
  )
  chmodSync(join(home.folder, 'p.yaml'), 0o600)
}

const upload = (...more: readonly string[]) =>
  home.hoopctl(['sessions', 'upload', '--policy', 'p.yaml', ...more])

function filesBelow(folder: string): string[] {
  const root = join(home.folder, folder)
  const found = readdirSync(root, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .toSorted()
}

describe('sessions upload', () => {
  it('given sessions, each destination gets all of them, readable by this user alone, and once', async () => {
    await policy('a', 'b')
    const first = recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    const second = recordSession({ stateDirectory, calls: [], policy: OURS })
    const { exitCode, stdout, stderr } = await upload()
    const bytes = statSync(first.path).size + statSync(second.path).size
    const line = (folder: string) =>
      `${at(folder)}: 2 sessions, sent 2 segments, ${bytes.toLocaleString('en')} bytes, all are there\n`
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: line('a') + line('b'), stderr: '' })
    for (const folder of ['a', 'b']) {
      const files = filesBelow(folder)
      expect(files).toEqual(
        [first, second]
          .map(({ session }) => `2026-11-21/orders-db/alice/${session}/0000000000.jsonl`)
          .toSorted(),
      )
      for (const { session, path } of [first, second]) {
        const copy = join(home.folder, folder, '2026-11-21/orders-db/alice', session, '0000000000.jsonl')
        expect(readFileSync(copy)).toEqual(readFileSync(path))
        expect(statSync(copy).mode & 0o777).toBe(0o600)
      }
    }
    const again = await upload('--json')
    expect(JSON.parse(again.stdout)).toEqual({
      uploads: ['a', 'b'].map((folder) => {
        const nothing = { waiting: 0, segments: 0, bytes: 0, there: 0, problem: null }
        return { destination: at(folder), sessions: 2, ...nothing }
      }),
    })
  })

  it('given a session that was recorded under another policy, leaves it on this machine', async () => {
    await policy('a')
    recordSession({ stateDirectory, calls: CALLS, policy: OTHERS })
    expect((await upload()).stdout).toBe(`${at('a')}: 0 sessions, nothing to send\n`)
  })

  it('given a killed session, sends it once nobody has written to it for a minute; status tells what waits', async () => {
    await policy('a')
    const killed = recordSession({ stateDirectory, calls: CALLS, policy: OURS, ended: false })
    const now = Date.now() / 1000
    utimesSync(killed.path, now, now)
    expect((await upload()).stdout).toBe(`${at('a')}: 1 session, nothing sent, 1 not whole there yet\n`)
    const status = await home.hoopctl(['status', '--policy', 'p.yaml', '--json'])
    const bytes = statSync(killed.path).size
    const waits = { destination: at('a'), sessions: 1, waiting: 1, bytes }
    expect(JSON.parse(status.stdout).uploads).toEqual([{ ...waits, problem: null }])
    utimesSync(killed.path, now - 61, now - 61)
    expect((await upload()).stdout).toContain('sent 1 segment')
    const then = await home.hoopctl(['status', '--policy', 'p.yaml'])
    expect(then.stdout).toContain(`uploads  ${at('a')}: 1 session, all are there\n`)
  })

  it('given other bytes under the name of a segment, leaves them, ends with 7 and says where', async () => {
    await policy('a')
    const { session } = recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    await upload()
    const copy = join(home.folder, 'a/2026-11-21/orders-db/alice', session, '0000000000.jsonl')
    writeFileSync(copy, 'x'.repeat(statSync(copy).size))
    await home.hoopctl(['status']) // makes nothing anew
    const elsewhere = { env: { HOOPCTL_HOME: join(home.folder, 'home') } }
    const { DatabaseSync } = await import('node:sqlite')
    using database = new DatabaseSync(join(stateDirectory, 'state.db'))
    database.exec('DELETE FROM confirmed_segments; DELETE FROM uploaded_logs')
    const { exitCode, stderr } = await home.hoopctl(['sessions', 'upload', '--policy', 'p.yaml'], elsewhere)
    expect(exitCode).toBe(7)
    expect(stderr).toContain(
      `\`2026-11-21/orders-db/alice/${session}/0000000000.jsonl\` at \`${at('a')}\` holds other bytes`,
    )
    expect(readFileSync(copy, 'utf8')).toMatch(/^x+$/u)
  })

  it('given a place that cannot be written, ends with 8, says why, and sends it later', async () => {
    await policy('a')
    recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    await home.write('a', 'a file, where the directory should be')
    const { exitCode, stdout, stderr } = await upload()
    expect([exitCode, stdout]).toEqual([8, `${at('a')}: 1 session, nothing sent, 1 not whole there yet\n`])
    expect(stderr).toMatch(/cannot be used \(E[A-Z]+\)\n {2}hint: check the path/u)
    const status = await home.hoopctl(['status', '--policy', 'p.yaml'])
    expect(status.stdout).toMatch(
      /1 not whole there yet \([\d,]+ bytes\): not reached since 2\S+ \S+Z: .*cannot be used \(E[A-Z]+\)\n {9}hint: check the path/u,
    )
    const { stdout: json } = await home.hoopctl(['status', '--policy', 'p.yaml', '--json'])
    const [, message = '', hint = ''] = /hoopctl: (.*)\n {2}hint: (.*)\n/u.exec(stderr) ?? []
    expect(JSON.parse(json).uploads).toMatchObject([
      {
        waiting: 1,
        problem: { code: 'UNREACHABLE', message, hint, since: expect.stringMatching(/^2.*Z$/u) },
      },
    ])
    await policy('b')
    const unsent = await home.hoopctl(['status', '--policy', 'p.yaml'])
    expect(unsent.stdout).toContain(': not sent yet: hoopctl sessions upload\n')
    expect((await upload()).exitCode).toBe(0)
  })

  it('given --again, sends anew what a destination has lost since, and touches nothing else', async () => {
    await policy('a')
    for (const _ of [1, 2]) recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    await upload()
    const [lost = '', kept = ''] = filesBelow('a').map((name) => join(home.folder, 'a', name))
    const before = [readFileSync(lost), statSync(kept).mtimeMs]
    rmSync(lost)
    expect((await upload()).stdout).toContain('2 sessions, nothing to send, all are there')
    expect(await upload('--again')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(
        /: 2 sessions, sent 1 segment, [\d,]+ bytes, read back 1 segment that lay there already, all are there\n$/u,
      ),
    })
    const { stdout: json } = await upload('--again', '--json')
    expect(JSON.parse(json).uploads).toMatchObject([{ segments: 0, bytes: 0, there: 2, waiting: 0 }])
    expect([readFileSync(lost), statSync(kept).mtimeMs]).toEqual(before)
  })

  it('given other bytes that --again found where all was sent, says so until they are right', async () => {
    await policy('a')
    recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    await upload()
    const [name = ''] = filesBelow('a').map((each) => join(home.folder, 'a', each))
    const whole = readFileSync(name)
    writeFileSync(name, 'another\n')
    for (const more of [['--again'], []]) {
      const { exitCode, stdout } = await upload(...more)
      expect([exitCode, stdout]).toEqual([7, expect.stringContaining('1 not whole there yet')])
      const { stdout: told } = await home.hoopctl(['status', '--policy', 'p.yaml'])
      expect(told).toContain('holds other bytes than the log')
    }
    writeFileSync(name, whole)
    expect(await upload()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('all are there') })
    expect((await upload()).stdout).toContain('nothing to send, all are there')
  })

  it('given a machine on which nothing was recorded, says so, and makes nothing there', async () => {
    await policy('a')
    expect(await upload()).toEqual({
      exitCode: 0,
      stdout: `${at('a')}: 0 sessions, nothing to send\n`,
      stderr: `hoopctl: no session was recorded under this policy, so no destination was asked; to try them: hoopctl sessions upload --check --policy ${join(home.folder, 'p.yaml')}\n`,
    })
    expect(existsSync(stateDirectory)).toBe(false)
  })

  it('given --check, tries each destination, sends nothing, and says what is in the way', async () => {
    await policy('a', 'b/deep')
    recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    const fine = (folder: string) => `${at(folder)}: can be read and written; nothing was left there\n`
    const before = readdirSync(home.folder)
    expect(await upload('--check')).toEqual({ exitCode: 0, stdout: fine('a') + fine('b/deep'), stderr: '' })
    expect(readdirSync(home.folder)).toEqual(before)
    await home.write('a', 'a file, where the directory should be')
    const { exitCode, stdout } = await upload('--check')
    expect([exitCode, stdout]).toEqual([
      8,
      expect.stringMatching(
        /^file:.* cannot be used \(E[A-Z]+\)\n {2}hint: check the path.*\nfile:.*\/b\/deep\/: can/su,
      ),
    ])
    const { stdout: json } = await upload('--check', '--json')
    expect(JSON.parse(json)).toEqual({
      checks: [
        {
          destination: at('a'),
          ok: false,
          left: null,
          problem: { code: 'UNREACHABLE', message: expect.any(String), hint: expect.any(String) },
        },
        { destination: at('b/deep'), ok: true, left: null, problem: null },
      ],
    })
    expect((await upload('--check', '--again')).exitCode).toBe(2)
  })

  it('given `required` and a place that cannot be written, status tells that calls are denied, and what helps', async () => {
    await policy('a')
    const audit = `audit: { upload: { to: [{ url: "${at('a')}" }], required: 30s } }`
    const text = readFileSync(join(home.folder, 'p.yaml'), 'utf8').replace(/^audit:.*$/mu, audit)
    await home.write('p.yaml', text)
    recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    await home.write('a', 'a file, where the directory should be')
    await upload()
    const status = () => home.hoopctl(['status', '--policy', 'p.yaml'])
    expect((await status()).stdout).not.toContain('calls')
    const { DatabaseSync } = await import('node:sqlite')
    using database = new DatabaseSync(join(stateDirectory, 'state.db'))
    const fine = Date.now() - 3_600_000
    database.exec(`UPDATE upload_standing SET fine = ${fine}`)
    const path = join(home.folder, 'p.yaml')
    expect((await status()).stdout).toContain(`
calls    denied now by \`audit.upload.required\`: session logs wait to be sent, and \`${at('a')}\` has confirmed nothing since ${new Date(fine).toISOString()}
         hint: type: hoopctl sessions upload --policy ${path}; it says what is in the way, and calls pass again with the next confirmation from there
`)
    const { stdout: json } = await home.hoopctl(['status', '--policy', 'p.yaml', '--json'])
    expect(JSON.parse(json).denied).toMatchObject({ rules: ['audit.upload.required'] })
    rmSync(join(home.folder, 'a'))
    await upload()
    expect((await status()).stdout).not.toContain('denied')
  })

  it('given a policy that names no destination, says what to write', async () => {
    await home.write(
      'p.yaml',
      'apiVersion: hoopctl/v1\nkind: Policy\nmetadata: { name: company }\nrules: []\n',
    )
    chmodSync(join(home.folder, 'p.yaml'), 0o600)
    const { exitCode, stderr } = await upload()
    expect(exitCode).toBe(3)
    expect(stderr).toContain('names no destination')
    expect(stderr).toContain('audit.upload.to')
  })
})
