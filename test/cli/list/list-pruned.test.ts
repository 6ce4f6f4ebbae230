import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileNameOf } from '../../../src/audit/session-number.ts'
import { freshHome, type Home } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

let home: Home
let stateDirectory: string
beforeEach(async () => {
  home = await freshHome()
  stateDirectory = join(home.folder, 'home', 'state')
})
afterEach(() => home[Symbol.asyncDispose]())

const POLICY = { name: 'company', version: null, digest: '0'.repeat(64), signed: false }

const inSessions = (name: string) => join(stateDirectory, 'sessions', name)
const notesFile = () => inSessions('pruned.jsonl')

/** Has sessions pruned that were sent to some folders; one more is recorded, because the newest stays. */
async function prunedSessions(count: number, ...folders: readonly string[]) {
  const recorded = Array.from({ length: count + 1 }, () =>
    recordSession({ stateDirectory, calls: CALLS, policy: POLICY }),
  )
  const to = folders.map((folder) => ({ url: `file://${join(home.folder, folder)}/` }))
  const audit = { retain: '1h', ...(to.length > 0 && { upload: { to } }) }
  const head = { apiVersion: 'hoopctl/v1', kind: 'Policy', metadata: { name: 'company' } }
  await home.write('p.yaml', JSON.stringify({ ...head, rules: [{ allow: { tool: 'x' } }], audit }))
  chmodSync(join(home.folder, 'p.yaml'), 0o600)
  await home.hoopctl(['sessions', 'upload', '--policy', 'p.yaml'])
  await home.hoopctl(['sessions', 'prune', '--policy', 'p.yaml'])
  const notes = readFileSync(notesFile(), 'utf8').trim().split('\n')
  return { recorded, notes: notes.map((line): { at: string; copies: object[] } => JSON.parse(line)) }
}

const listed = (...more: string[]) => home.hoopctl(['sessions', 'list', '--pruned', ...more])

describe('sessions list --pruned', () => {
  it('given none, says so', async () => {
    recordSession({ stateDirectory, calls: CALLS })
    const stderr = 'hoopctl: no session was pruned here\n'
    expect(await listed()).toEqual({ exitCode: 0, stdout: '', stderr })
    expect(await listed('--json')).toEqual({ exitCode: 0, stdout: '{"pruned":[]}\n', stderr: '' })
  })

  it('given pruned sessions, says which, when, how old they were, and where they lay', async () => {
    const { recorded, notes } = await prunedSessions(2, 'a', 'b')
    const at = (index: number) => notes[index]?.at.replace('T', ' ').replace(/\.\d+Z$/u, 'Z')
    const place = (folder: string, index: number) =>
      `  lay at file://${home.folder}/${folder}/2026-11-21/orders-db/alice/${recorded[index]?.session}/ (1 segment)\n`
    const { exitCode, stdout, stderr } = await listed()
    const age = /, (\S+(?: \S+)?) old\n/u.exec(stdout)?.[1]
    const title = (index: number) =>
      `session ${index + 1} (${recorded[index]?.session}), pruned ${at(index)}, ${age} old\n`
    const texts = [0, 1].flatMap((index) => [title(index), place('a', index), place('b', index)])
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: texts.join(''), stderr: '' })
    const there = await home.hoopctl(['sessions', 'show', place('b', 1).trim().split(' ')[2] ?? ''])
    expect(there.stdout).toContain(`session ${recorded[1]?.session}, number 2`)
  })

  it('given --json, prints the notes as programs read them', async () => {
    const { recorded, notes } = await prunedSessions(1, 'a')
    const { stdout } = await listed('--json')
    const { bytes, sha256, ...said } = JSON.parse(stdout).pruned[0]
    expect(said).toEqual({
      session: recorded[0]?.session,
      number: 1,
      at: notes[0]?.at,
      last: '2026-11-21T09:14:07.005000Z',
      device: recorded[0]?.device,
      copies: notes[0]?.copies,
    })
    expect([bytes > 1000, /^[0-9a-f]{64}$/u.test(sha256)]).toEqual([true, true])
  })

  it('given no destination, says that it lay nowhere else, and of a log that is back, nothing', async () => {
    const { recorded } = await prunedSessions(1)
    expect((await listed()).stdout).toContain('  lay nowhere else: the policy of then named no destination\n')
    copyFileSync(recorded[1]?.path ?? '', inSessions(fileNameOf(1)))
    expect((await listed('--json')).stdout).toBe('{"pruned":[]}\n')
  })

  it('given notes that were altered, shows those before them, says so and ends with 7', async () => {
    const { recorded } = await prunedSessions(2)
    const [first, second] = readFileSync(notesFile(), 'utf8').split('\n')
    writeFileSync(notesFile(), `${first}\n${second?.replace('"bytes":', '"bytes":1')}\n`)
    const { exitCode, stdout, stderr } = await listed('--json')
    const ids = JSON.parse(stdout).pruned.map(({ session }: { session: string }) => session)
    expect({ exitCode, ids, stderr }).toEqual({
      exitCode: 7,
      ids: [recorded[0]?.session],
      stderr:
        'hoopctl: pruned.jsonl: line 2 has a signature that does not hold: neither it nor what follows counts\n' +
        '  hint: keep the file as it is, for whoever looks into it\n',
    })
  })
})
