import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'hoopctl-replaced-'))
const POLICY = `apiVersion: hoopctl/v1
kind: Policy
metadata: { name: replaced }
rules:
  - allow: { tool: "*" }
`
// It comes when the test says so.
const BUG = `
  const { existsSync } = require('node:fs')
  setInterval(() => { if (existsSync(${JSON.stringify(join(folder, 'now'))})) throw new Error('a bug') }, 20)
`

beforeAll(() => {
  for (const part of ['bin', 'dist', 'package.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  writeFileSync(join(folder, 'policy.yaml'), POLICY, { mode: 0o600 })
  writeFileSync(join(folder, 'bug.cjs'), BUG)
})
afterAll(() => rmSync(folder, { recursive: true }))

it('given a bug in a session whose own files another version has replaced, ends it and says so', async () => {
  const wrap = [
    'wrap',
    '--policy',
    join(folder, 'policy.yaml'),
    '--',
    process.execPath,
    '-e',
    'process.stdin.resume()',
  ]
  const args = ['--require', join(folder, 'bug.cjs'), join(folder, 'bin', 'hoopctl.js'), ...wrap]
  const env = { ...process.env, HOOPCTL_HOME: join(folder, 'home') }
  const session = spawn(process.execPath, args, { env, stdio: ['pipe', 'ignore', 'pipe'] })
  onTestFinished(() => void session.kill('SIGKILL'))
  session.stderr.once('data', () => {
    for (const name of readdirSync(join(folder, 'dist', 'wrap')))
      if (name.startsWith('report-failure')) rmSync(join(folder, 'dist', 'wrap', name))
    writeFileSync(join(folder, 'now'), '')
  })
  const ended = new Promise((resolve) => {
    session.once('close', resolve)
  })
  const told = text(session.stderr)
  expect(await ended).toBe(1)
  expect((await told).split('\n').at(-2)).toMatch(/^hoopctl: this is a bug in hoopctl [\d.]+: Error: a bug$/)
})
