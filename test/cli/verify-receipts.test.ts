import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { Receipt, ReceiptProof } from '../../src/approval.ts'
import { systemClock } from '../../src/audit/clock.ts'
import { challengeOf } from '../../src/call-digest.ts'
import { proveAnswer } from '../../src/cli/approvals/prove-answer.ts'
import { run } from '../../src/cli/run.ts'
import { newState } from '../audit/a-log.ts'
import { askedLog, passed, waiting, written } from '../audit/an-approval.ts'
import { startProvider, type TestProvider } from '../identity/provider.ts'
import { SETTINGS } from '../identity/signed-in.ts'
import { ReceiptKeys } from '../../src/cli/verify-receipts.ts'
import { fakeContext } from './fake-context.ts'

let server: TestProvider
beforeAll(async () => {
  server = await startProvider()
})
afterAll(() => server.close())

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hoopctl-receipts-'))
  onTestFinished(() => rm(home, { recursive: true }))
  onTestFinished(() => server.fail(null))
})

const fake = () => fakeContext({ env: { HOOPCTL_HOME: home }, now: () => new Date() })

async function verify(...args: readonly string[]) {
  const { context, stdout, exitCode } = fake()
  await run(['sessions', 'verify', ...args], context)
  return { exitCode: exitCode(), stdout: stdout() }
}

/** Records a session in which bob approved a call by a fresh sign-in; the log's path. */
async function recorded(change = (proof: ReceiptProof) => proof): Promise<string> {
  const later = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()
  const times = { asked: later(0), answerBy: later(30), expires: later(40) }
  const asked = askedLog(newState(home), times, systemClock())
  const { call, approval, device, random, expires, session } = asked.question
  const own = { call, approval, device, random, expires, binds: { session }, edited: null, remember: null }
  const pages: Promise<unknown>[] = []
  const show = (text: string) => {
    const [url] = /http:\S+\/auth\?\S+/.exec(text) ?? []
    if (url !== undefined) pages.push(server.answerBrowser(url, 'bob'))
  }
  const approvals = { clientId: 'hoopctl-approve', acrValues: [] }
  const policy = { identity: { ...SETTINGS, issuer: server.issuer, approvals } }
  const { context } = fake()
  const proving = { policy, device: asked.people.device, keys: [], context, show }
  const proof = change(await proveAnswer('oidc', { challenge: challengeOf(own), ...proving }))
  await Promise.all(pages)
  const receipt: Receipt = { format: 'hoopctl-approval/1', answer: 'approve', ...own, at: later(0), proof }
  const authTime = later(0)
  const by = { issuer: server.issuer, sub: 'bob', email: 'bob@acme.example', groups: ['dba'], authTime }
  const approved = { kind: 'approval', exchange: 1, approval, state: 'approved', receipt, by } as const
  return written(asked, [waiting(asked), approved, passed(asked)])
}

/** Signs the same token with another key, under the name that the issuer's key has. */
function forged(proof: ReceiptProof): ReceiptProof {
  if (proof.kind !== 'oidc') throw new Error('no proof by sign-in')
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const text = proof.idToken.slice(0, proof.idToken.lastIndexOf('.'))
  const signature = sign('sha256', Buffer.from(text), privateKey).toString('base64url')
  const { n, e } = publicKey.export({ format: 'jwk' })
  return { ...proof, idToken: `${text}.${signature}`, jwk: { ...proof.jwk, n, e } }
}

describe('the keys beside the tokens in a log', () => {
  it('given one that the issuer publishes now, says that it confirms it', async () => {
    const path = await recorded()
    const { exitCode, stdout } = await verify(path)
    const note = `approval A-7K2P9QXM: confirmed by ${server.issuer}, which publishes the key of its token now`
    expect({ exitCode, lines: stdout.split('\n').slice(1) }).toEqual({
      exitCode: 0,
      lines: [`  ${note}`, ''],
    })
    expect(stdout).toMatch(/: ok, complete, 6 records$/m)
    const { receipts } = JSON.parse((await verify('--json', path)).stdout)
    expect(receipts).toEqual([{ approval: 'A-7K2P9QXM', issuer: server.issuer, confirmedBy: 'issuer', note }])
    const series = await verify(join(home, 'state', 'sessions'))
    expect(series).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(note) })
  })

  it('given an issuer that cannot be asked, says that nothing confirms it, which is no failure', async () => {
    const path = await recorded()
    server.fail(503)
    const { exitCode, stdout } = await verify(path)
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /ok, complete.*\n {2}approval A-7K2P9QXM: not confirmed: .*cannot answer now \(503\)\n$/,
      ),
    })
    const { receipts } = JSON.parse((await verify('--json', path)).stdout)
    expect(receipts).toMatchObject([{ issuer: server.issuer, confirmedBy: null }])
  })

  it('given an issuer that has other keys by now, says so, and that this alone is no fault', async () => {
    const path = await recorded()
    server.rotateKeys()
    const { exitCode, stdout } = await verify(path)
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(
        /not confirmed: http\S+ does not publish the key of its token now .*no fault\n$/,
      ),
    })
  })

  it('[ATK-FORGED-RECEIPT] given a key that its device made under the name of the issuer’s, says that it is another', async () => {
    const path = await recorded(forged)
    const { exitCode, stdout } = await verify(path)
    const note = `not confirmed: ${server.issuer} publishes another key under the name of the one beside its token`
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(note) })
  })

  it('given one that a signed policy vouches for, says so, also where the issuer has other keys by now', async () => {
    let stored: Readonly<Record<string, unknown>> = {}
    const path = await recorded((proof) => {
      if (proof.kind === 'oidc') stored = proof.jwk
      return proof
    })
    server.fail(503)
    const by = 'the signed policy acme version 42'
    const confirm = async (issuer: string, keys: readonly Readonly<Record<string, unknown>>[]) => {
      const [one] = await new ReceiptKeys(fake().context, { issuer, keys, by }).confirm(path)
      return one?.confirmedBy
    }
    expect(await confirm(server.issuer, [stored])).toBe('policy')
    expect(await confirm(server.issuer, [{ ...stored, x: 'AAAA', n: 'AAAA' }])).toBe(null)
    expect(await confirm('https://login.other.example', [stored])).toBe(null)
  })

  it('given a log that does not hold, asks no issuer and confirms nothing', async () => {
    const path = await recorded()
    await writeFile(path, (await readFile(path, 'utf8')).replace('"sub":"bob"', '"sub":"eve"'))
    const { exitCode, stdout } = await verify(path)
    expect({ exitCode, stdout }).toEqual({
      exitCode: 7,
      stdout: expect.stringMatching(
        /: broken, .*\n {2}record 3 \(line 4\) holds a receipt that was given by somebody else/,
      ),
    })
    expect(stdout).not.toContain('confirmed')
  })
})
