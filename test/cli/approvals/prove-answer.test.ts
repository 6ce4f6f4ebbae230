import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { ProofKind, Receipt } from '../../../src/approval.ts'
import { challengeOf } from '../../../src/call-digest.ts'
import { proveAnswer } from '../../../src/cli/approvals/prove-answer.ts'
import { checkReceipt } from '../../../src/identity/check-receipt.ts'
import { discoverProvider } from '../../../src/identity/provider.ts'
import { readJwt } from '../../../src/identity/read-jwt.ts'
import { verifyingKey } from '../../../src/identity/verifying-key.ts'
import { verifyIdToken } from '../../../src/identity/verify-id-token.ts'
import { aQuestion, players, theChecks } from '../../identity/a-receipt.ts'
import { loopbackHttp } from '../../identity/http.ts'
import { startProvider, type TestProvider, type User } from '../../identity/provider.ts'
import { SETTINGS } from '../../identity/signed-in.ts'
import { sshSigner } from '../../ssh-signer.ts'
import { fakeContext } from '../fake-context.ts'
import { scriptAtTerminal } from './script-at-terminal.ts'

const PATH = process.env['PATH'] ?? ''
const people = players()

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hoopctl-prove-'))
  mkdirSync(join(home, '.ssh'))
  onTestFinished(() => rmSync(home, { recursive: true }))
})

/** A question that is asked now, and what is to be signed for it. */
function asked() {
  const now = new Date()
  const later = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString()
  const question = aQuestion(people, { asked: now.toISOString(), answerBy: later(30), expires: later(40) })
  return { question, challenge: challengeOf({ ...question, remember: null }), at: now.toISOString() }
}

type Changed = Partial<Parameters<typeof proveAnswer>[1]> & {
  readonly env?: Readonly<Record<string, string>>
}

function prove(kind: ProofKind, challenge: string, { env = {}, ...more }: Changed = {}) {
  const { context } = fakeContext({
    env: { HOME: home, HOOPCTL_HOME: home, PATH, ...env },
    now: () => new Date(),
  })
  const own = { policy: { identity: null }, device: people.device, keys: [], context, show: () => undefined }
  return proveAnswer(kind, { challenge, ...own, ...more })
}

/** Makes a key in the person's `.ssh`; gives its text. */
function sshKey(name: string, passphrase = ''): string {
  const path = join(home, '.ssh', name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'alice@laptop', '-f', path])
  return readFileSync(`${path}.pub`, 'utf8').trim()
}

const plain = (key: string) => key.split(' ').slice(0, 2).join(' ')

function receiptOf({ question, at }: ReturnType<typeof asked>, proof: Receipt['proof']): Receipt {
  const { call, approval, device, random, expires, session } = question
  const own = { call, approval, device, random, expires, binds: { session }, edited: null, remember: null }
  return { format: 'hoopctl-approval/1', answer: 'approve', ...own, at, proof }
}

describe('the proof `terminal`', () => {
  it('given the device key, makes a proof that holds', async () => {
    const yes = asked()
    const receipt = receiptOf(yes, await prove('terminal', yes.challenge))
    const said = await checkReceipt(
      receipt,
      yes.question,
      theChecks(yes.question, people, { now: new Date() }),
    )
    const approver = { issuer: 'local', sub: userInfo().username, email: null, groups: [], authTime: null }
    expect(said).toMatchObject({ ok: true, approver, proof: 'terminal' })
  })
})

describe('the proof `key`', () => {
  it('given a key in ~/.ssh, has ssh-keygen sign with it, and the proof holds', async () => {
    const yes = asked()
    sshKey('id_other')
    const key = sshKey('id_work')
    const proof = await prove('key', yes.challenge, { keys: [sshSigner('ssh-ed25519').key, key] })
    expect(proof).toMatchObject({ kind: 'key', key: plain(key) })
    const approver = { issuer: 'i', sub: 's', email: null, groups: [], authTime: null }
    const personOfKey = (one: string) => (one === plain(key) ? { approver, userVerification: false } : null)
    const checks = theChecks(yes.question, people, { now: new Date(), personOfKey })
    const said = await checkReceipt(receiptOf(yes, proof), yes.question, checks)
    expect(said).toMatchObject({ ok: true, approver, proof: 'key' })
  })

  it.each([
    ['with its public half in ~/.ssh', true],
    ['alone', false],
  ])('given a key that the agent holds, %s, has the agent sign', async (_title, copied) => {
    const [key, SSH_AUTH_SOCK] = [sshKey('id_agent'), join(home, 'agent')]
    const agent = spawn('ssh-agent', ['-D', '-a', SSH_AUTH_SOCK], { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(() => void agent.kill())
    await new Promise((resolve) => agent.stdout.once('data', resolve)) // it says where it listens
    const path = join(home, '.ssh', 'id_agent')
    execFileSync('ssh-add', ['-q', path], { env: { PATH, SSH_AUTH_SOCK } })
    renameSync(path, join(home, 'away'))
    if (!copied) renameSync(`${path}.pub`, join(home, 'away.pub'))
    const { challenge } = asked()
    const proof = await prove('key', challenge, { keys: [key], env: { SSH_AUTH_SOCK } })
    expect(proof).toMatchObject({ kind: 'key', key: plain(key) })
    agent.kill()
    await expect(prove('key', challenge, { keys: [key], env: { SSH_AUTH_SOCK } })).rejects.toMatchObject({
      code: 'UNREACHABLE',
    })
  })

  it.each<[string, string, () => Changed, RegExp]>([
    ['no key of theirs in the policy', 'UNREACHABLE', () => ({}), /names no SSH key of yours/],
    [
      'no such key here',
      'UNREACHABLE',
      () => ({ keys: [sshSigner('ssh-ed25519').key] }),
      /this machine has none/,
    ],
    [
      'no ssh-keygen',
      'UNREACHABLE',
      () => ({ keys: [sshKey('id')], env: { PATH: home } }),
      /no `ssh-keygen`/,
    ],
    [
      'a public half beside which another key’s private one lies',
      'CANCELLED',
      () => ({ keys: [aLostKey()] }),
      /ssh-keygen signed nothing/,
    ],
  ])('given %s, says so', async (_title, code, how, message) => {
    const failing = prove('key', asked().challenge, how())
    await expect(failing).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('given no such key here, names each that was looked for as `ssh-keygen -l` does, and where', async () => {
    const keys = ['id_one', 'id_two', 'id_three', 'id_four', 'id_five'].map((name) => sshKey(name))
    const listed = keys.map((key) =>
      execFileSync('ssh-keygen', ['-l', '-f', '-'], { input: key, encoding: 'utf8' }),
    )
    for (const name of ['one', 'two', 'three', 'four', 'five']) rmSync(join(home, '.ssh', `id_${name}`))
    const named = listed.map((line) => `ssh-ed25519 ${line.split(' ').slice(1, 3).join(' ')}`)
    const env = { SSH_AUTH_SOCK: join(home, 'no-agent') }
    const { challenge } = asked()
    await expect(prove('key', challenge, { keys: keys.slice(0, 1), env })).rejects.toMatchObject({
      message: `this machine has none of the SSH keys that the policy knows you by, neither in \`~/.ssh\` nor in the SSH agent: ${named[0]}`,
    })
    await expect(prove('key', challenge, { keys })).rejects.toMatchObject({
      message: `this machine has none of the SSH keys that the policy knows you by, neither in \`~/.ssh\` nor in an SSH agent (SSH_AUTH_SOCK is not set): ${named.slice(0, 4).join(', ')}, 1 more`,
    })
  })

  function aLostKey(): string {
    const [key, other] = [sshKey('id_lost'), sshKey('id_wrong')]
    // What lies beside the public half is another key's private one.
    renameSync(join(home, '.ssh', 'id_wrong'), join(home, '.ssh', 'id_lost'))
    expect(other).not.toBe(key)
    return key
  }

  it.each([
    ['the passphrase', 'correct horse', { kind: 'key' }],
    ['another', 'battery staple', { code: 'CANCELLED' }],
  ])(
    'given a person at a terminal who types %s, signs or says that nothing was',
    async (_title, typed, expected) => {
      const key = sshKey('id_locked', 'correct horse')
      const { challenge } = asked()
      const script = join(import.meta.dirname, '../../fixtures/cli/sign-with-ssh.mjs')
      const typing = { after: 'Enter passphrase', line: typed }
      const shown = await scriptAtTerminal([script, challenge, plain(key)], { HOME: home }, typing)
      expect(JSON.parse(shown.trim().split('\n').at(-1) ?? '')).toMatchObject(expected)
    },
  )
})

describe('the proof `oidc`', () => {
  let server: TestProvider
  beforeAll(async () => {
    server = await startProvider()
  })
  afterAll(() => server.close())

  const policy = (acrValues: readonly string[] = []) => {
    const approvals = { clientId: 'hoopctl-approve', acrValues }
    return { identity: { ...SETTINGS, issuer: server.issuer, approvals } }
  }

  /** The person opens the address that is shown, and signs in there. */
  function signIn(
    challenge: string,
    user: User,
    acrValues: readonly string[] = [],
    answer: 'yes' | 'no' = 'yes',
  ) {
    const pages: Promise<unknown>[] = []
    const urls: URL[] = []
    const show = (text: string) => {
      const [found] = /http:\S+\/auth\?\S+/.exec(text) ?? []
      if (found === undefined) return
      urls.push(new URL(found))
      pages.push(server.answerBrowser(found, user, answer))
    }
    const proof = prove('oidc', challenge, { policy: policy(acrValues), show })
    return { proof, urls, pages }
  }

  it('given a fresh sign-in at the client for approvals, makes a proof that holds, and says who it is', async () => {
    const yes = asked()
    const run = signIn(yes.challenge, 'bob')
    const proof = await run.proof
    await Promise.all(run.pages)
    const provider = await discoverProvider(server.issuer, loopbackHttp)
    const checks = theChecks(yes.question, people, { now: new Date() })
    const { identity } = policy()
    const oidc = checks.oidc && {
      ...checks.oidc,
      settings: identity,
      verify: (token: string, expected: Omit<Parameters<typeof verifyIdToken>[1], 'provider'>) =>
        verifyIdToken(token, { ...expected, provider }),
      keyOf: (token: string, now: Date) => verifyingKey(token, provider, now),
      isPairwise: () => Promise.resolve(provider.pairwise),
    }
    const said = await checkReceipt(receiptOf(yes, proof), yes.question, { ...checks, oidc })
    expect(said).toMatchObject({
      ok: true,
      approver: { sub: 'bob', email: 'bob@acme.example' },
      proof: 'oidc',
    })
    const asks = Object.fromEntries(run.urls[0]?.searchParams ?? [])
    expect(asks).toMatchObject({
      client_id: 'hoopctl-approve',
      nonce: yes.challenge,
      prompt: 'login',
      max_age: '0',
      scope: 'openid email groups',
    })
    expect(asks).not.toHaveProperty('acr_values')
    if (proof.kind !== 'oidc') throw new Error('no proof by sign-in')
    const token = readJwt(proof.idToken)
    expect(token).toMatchObject({
      ok: true,
      jwt: { claims: { groups: ['dba', 'support'], aud: 'hoopctl-approve' } },
    })
    expect(Object.keys(proof.jwk).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
  })

  it('given a policy that wants means of its own, asks for them, and refuses what the issuer does not say', async () => {
    const run = signIn(asked().challenge, 'bob', ['phr', 'phrh'])
    const message = expect.stringMatching(/weaker means/)
    await expect(run.proof).rejects.toMatchObject({ code: 'SIGN_IN_FAILED', message, hint: 'answer again' })
    await Promise.all(run.pages)
    expect(run.urls[0]?.searchParams.get('acr_values')).toBe('phr phrh')
  })

  it('given a person who says no, says so', async () => {
    const run = signIn(asked().challenge, 'bob', [], 'no')
    await expect(run.proof).rejects.toMatchObject({ code: 'SIGN_IN_FAILED', hint: 'answer again' })
    await Promise.all(run.pages)
  })

  it('given a policy without a client for approvals, asks nobody', async () => {
    await expect(prove('oidc', asked().challenge)).rejects.toMatchObject({ code: 'GRANT_DENIED' })
  })
})
