import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { python } from '../../audit/by-python.ts'
import { freshHome } from '../hoopctl.ts'
import { CALLS, recordSession } from '../recorded-session.ts'

const OURS = { name: 'acme', version: null, digest: '0'.repeat(64), signed: false }

const ODD: readonly (readonly [string, (path: string) => unknown])[] = [
  ['a pipe', (path) => execa('mkfifo', [path])],
  ['a link to a device without end', (path) => symlinkSync('/dev/zero', path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
  ['a directory', (path) => mkdirSync(path)],
  [
    'forty gigabytes without a line',
    (path) => {
      writeFileSync(path, '')
      truncateSync(path, 40 * 2 ** 30)
    },
  ],
]

it.each(ODD)(
  'given %s in the place of a log, every command ends, says so in its own words, and goes on with the others',
  async (_, make) => {
    await using home = await freshHome()
    const stateDirectory = join(home.folder, 'home', 'state')
    const to = [{ url: `file://${home.folder}/evidence/` }]
    const head = { apiVersion: 'hoopctl/v1', kind: 'Policy', metadata: { name: 'acme' } }
    await home.write('p.yaml', JSON.stringify({ ...head, rules: [], audit: { upload: { to } } }))
    const { session } = recordSession({ stateDirectory, calls: CALLS, policy: OURS })
    const sessions = join(stateDirectory, 'sessions')
    await make(join(sessions, '00000002.jsonl'))
    const list = await home.hoopctl(['sessions', 'list'])
    const verified = await home.hoopctl(['sessions', 'verify', sessions])
    const upload = await home.hoopctl(['sessions', 'upload', '--policy', 'p.yaml'])
    const status = await home.hoopctl(['status', '--policy', 'p.yaml'])
    const wrapped = await home.hoopctl(['wrap', '--policy', 'p.yaml', '--', 'true'])
    const all = [list, verified, upload, status, wrapped]
    expect(all.slice(0, 4).map(({ exitCode }) => exitCode)).toEqual([0, 7, 0, 0])
    expect(all.filter(({ stderr }) => stderr.includes('\n    at '))).toEqual([])
    expect(list.stdout).toContain(session)
    expect(verified.stdout).toContain(`${session}, number 1: ok, complete, 6 records`)
    expect(python(sessions).status).toBe(7)
  },
)
