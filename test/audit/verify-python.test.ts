import { execFileSync, spawnSync } from 'node:child_process'
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROOFS, type Receipt } from '../../src/approval.ts'
import { challengeOf } from '../../src/call-digest.ts'
import { verifyDirectory } from '../../src/audit/verify-directory.ts'
import { sha256 } from '../../src/digest.ts'
import { checkStoredToken } from '../../src/identity/stored-token.ts'
import {
  completeLog,
  exchange,
  FOOTER,
  linesOf,
  message,
  newState,
  openLog,
  request,
  type State,
  temporaryDirectory,
} from './a-log.ts'
import { bothSay, byPython, byUs, python, SCRIPT } from './by-python.ts'
import { approved, askedLog, passed, waiting, written } from './an-approval.ts'
import { endOfQuestion, FORGED_PROOFS, PROVEN, UNPROVEN } from './forged-approvals.ts'
import { TAMPERED } from './tampered-lines.ts'

function rewritten(path: string, lines: readonly string[]): string {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

/** A log with text that verifiers in other languages may trip over. */
function oddLog(state: State): string {
  const log = openLog(state)
  log.append(
    request(1, {
      tool: 'ü \u2028 \u0007 \ud800 "quoted" 💥 /',
      answers: { b: 1, 10: 2, 9: 3, ['__proto__']: 4 },
    }),
  )
  log.append(request(2), {
    bytes: Buffer.from('{"message":{"a":1.50, "a":1e400},"x":"\\ud83d\\ude00 \u2028"} '),
    payload: 'requests',
  })
  log.append(request(3), message('x'.repeat(70_000), 'requests'))
  log.append(
    { kind: 'refused', from: 'client', why: 'no text' },
    { bytes: Buffer.from([255, 0]), payload: 'requests' },
  )
  exchange(log, 4)
  log.close(FOOTER)
  return log.path
}

describe('scripts/verify-session.py beside `sessions verify`', () => {
  it('given good logs, both find that they hold', () => {
    const state = newState()
    const odd = oddLog(state)
    const long = openLog(state)
    for (let number = 1; number <= 200; number += 1) exchange(long, number)
    expect(bothSay([odd, long.path])).toMatchObject([
      { ok: true, state: 'complete', records: 8, signedTo: 7 },
      { ok: true, state: 'open', records: 402, signedTo: 257 },
    ])
  })

  it('given devices, both accept their logs and no others', () => {
    const [ours, theirs] = [newState(), newState()]
    const paths = [completeLog(ours), completeLog(theirs)]
    const devices = [ours.device.id]
    const outcomes = paths.map((path) => byUs(path, devices))
    expect(outcomes).toMatchObject([
      { ok: true, state: 'complete', deviceKnown: true },
      { ok: false, state: 'complete', deviceKnown: false },
    ])
    expect(byPython(paths, devices)).toEqual({ outcomes, stderr: '', status: 7 })
  })

  it('given each tampered log, both find it broken at the same record', () => {
    const paths = TAMPERED.map(([, tamper]) => {
      const path = completeLog(newState())
      return rewritten(path, tamper(linesOf(path)))
    })
    expect(bothSay(paths).map(({ state }) => state)).toEqual(TAMPERED.map(() => 'broken'))
  })

  it('given any third byte that is changed, and any third length, both say the same', () => {
    const state = newState()
    const log = openLog(state)
    exchange(log, 1)
    log.close(FOOTER)
    const original = readFileSync(log.path)
    const paths: string[] = []
    const keep = (bytes: Uint8Array) => {
      const path = join(state.path, `changed-${paths.length}.jsonl`)
      writeFileSync(path, bytes)
      paths.push(path)
    }
    for (let at = 0; at < original.length; at += 3) {
      keep(original.map((byte, index) => (index === at ? byte ^ 2 : byte)))
      keep(original.subarray(0, at))
    }
    bothSay(paths)
  })

  it('given numbers and keys in any form, both accept the form that ECMAScript writes, and no other', () => {
    const state = newState()
    const [header = ''] = linesOf(completeLog(state))
    const odd = '1.0,1E5,-0,0.0,1e21,1e+21,1e400,9007199254740993,1152921504606846976,1e-7,NaN,0x1'.split(',')
    const own = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 300).map((each) => `${each}`)
    const whole = fc.sample(fc.bigInt({ min: 0n, max: 1n << 80n }), 100).map(String)
    const keys = [
      '{"b":1,"10":2}',
      '{"10":1,"9":2}',
      '{"4294967295":1,"0":2}',
      '{"01":1,"1":2}',
      '{"1":1,"01":2}',
    ]
    const paths = [...odd, ...own, ...whole, ...keys].map((text, index) => {
      const line = `{"seq":1,"at":"2026-12-01T00:00:00.000000Z","kind":"context","prev":"${sha256(header)}","cause":${text}}`
      return rewritten(join(state.path, `form-${index}.jsonl`), [header, line])
    })
    expect(bothSay(paths).some(({ ok }) => ok)).toBe(true)
  })

  it('given a directory, both find what is missing or replaced in the series', () => {
    const [state, other] = [newState(), newState()]
    const pathOf = ({ sessions }: State, number: number) => join(sessions, `0000000${number}.jsonl`)
    for (let number = 1; number <= 5; number += 1) completeLog(state)
    for (let number = 1; number <= 3; number += 1) completeLog(other)
    expect(seriesProblems(state)).toEqual({ problems: [], status: 0 })
    renameSync(pathOf(other, 3), pathOf(state, 3))
    const altered = 'that is here: that one was altered or replaced'
    const replaced = [
      `session 3 does not follow on the session 2 ${altered}`,
      `session 4 does not follow on the session 3 ${altered}`,
    ]
    expect(seriesProblems(state)).toEqual({ problems: replaced, status: 7 })
    rmSync(pathOf(state, 5))
    rmSync(pathOf(state, 2))
    renameSync(pathOf(state, 4), pathOf(state, 2))
    const gaps = ['00000002.jsonl holds the log of session 4', replaced[0], 'sessions 4 to 5 are missing']
    expect(seriesProblems(state)).toEqual({ problems: gaps, status: 7 })
  })
})

/** What is wrong between the sessions of a state, where both say the same. */
function seriesProblems({ sessions: directory }: State) {
  const { sessions, problems } = verifyDirectory(directory, { isKnown: () => true }, checkStoredToken)
  const { stdout, status } = python('--json', directory)
  const said = stdout.split('\n').slice(0, -1)
  const theirs = said.map((line): { problem: string | null; ok: boolean } => JSON.parse(line))
  expect(theirs.map(({ ok }) => ok)).toEqual(
    [...sessions, ...problems].map((one) => typeof one !== 'string' && one.ok),
  )
  expect(theirs.slice(sessions.length).map(({ problem }) => problem)).toEqual(problems)
  return { problems, status }
}

describe('[ATK-FORGED-RECEIPT] scripts/verify-session.py and receipts', () => {
  it('given each kind of proof, and each way in which it may hold, both find that it does', () => {
    const plain = PROOFS.map((kind) => {
      const log = askedLog()
      return written(log, [waiting(log), approved(log, kind), passed(log)])
    })
    const others = PROVEN.map(([, bodies]) => {
      const log = askedLog()
      return written(log, bodies(log))
    })
    const all = [...plain, ...others]
    expect(bothSay(all).map(({ ok }) => ok)).toEqual(all.map(() => true))
  })

  it('given each log that says more than it proves, both find it broken at the same record', () => {
    const unproven = UNPROVEN.map(([title, bodies]) => {
      const log = askedLog(undefined, { expires: endOfQuestion(title) })
      return written(log, bodies(log))
    })
    const forged = FORGED_PROOFS.map(([, kind, how]) => {
      const log = askedLog()
      return written(log, [waiting(log), approved(log, kind, how), passed(log)])
    })
    const all = [...unproven, ...forged]
    expect(bothSay(all).map(({ state }) => state)).toEqual(all.map(() => 'broken'))
  })

  it.each([
    ['a signature that holds', (bytes: Buffer) => bytes, true],
    ['one with another last byte', (bytes: Buffer) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1), false],
  ] as const)('given tokens of every algorithm, %s, both say the same', (_, change, holds) => {
    const paths = Object.entries(TOKEN_KEYS).map(([alg, { publicKey, privateKey }]) => {
      const log = askedLog()
      const receipt = (one: Receipt): Receipt => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
        const { claims } = checkedClaims(one)
        const signed = `${part({ alg, typ: 'JWT' })}.${part(claims)}`
        const signature = Buffer.from(change(tokenSignature(alg, signed, privateKey))).toString('base64url')
        const jwk = publicKey.export({ format: 'jwk' })
        return { ...one, proof: { kind: 'oidc', idToken: `${signed}.${signature}`, jwk: { ...jwk } } }
      }
      return written(log, [waiting(log), approved(log, 'oidc', { change: receipt }), passed(log)])
    })
    expect(bothSay(paths).map(({ ok }) => ok)).toEqual(paths.map(() => holds))
  })

  it('given SSH keys of every type, by ssh-keygen, both say that they hold, and not for another challenge', () => {
    const folder = temporaryDirectory()
    const types = ['rsa', 'ecdsa -b 256', 'ecdsa -b 384', 'ecdsa -b 521', 'ed25519']
    const signed = types.flatMap((type, index) => {
      const file = join(folder, `key-${index}`)
      execFileSync('ssh-keygen', ['-q', '-N', '', '-f', file, '-t', ...type.split(' ')])
      return [true, false].map((right) => {
        const log = askedLog()
        const receipt = (one: Receipt): Receipt => {
          const input = right ? challengeOf(one) : 'x'
          const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore']
          const args = ['-Y', 'sign', '-f', file, '-n', 'hoopctl-approval']
          const signature = execFileSync('ssh-keygen', args, { input, stdio }).toString()
          const key = readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
          return { ...one, proof: { kind: 'key', key, signature } }
        }
        return written(log, [waiting(log), approved(log, 'key', { change: receipt }), passed(log)])
      })
    })
    expect(bothSay(signed).map(({ ok }) => ok)).toEqual(types.flatMap(() => [true, false]))
  })
})

function checkedClaims({ proof }: Receipt) {
  const token = proof.kind === 'oidc' ? checkStoredToken(proof.idToken, proof.jwk) : null
  if (token?.ok !== true) throw new Error('no token that holds')
  return token
}

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ED = generateKeyPairSync('ed25519')
const curve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const TOKEN_KEYS: Readonly<Record<string, { publicKey: KeyObject; privateKey: KeyObject }>> = {
  RS256: RSA,
  RS384: RSA,
  RS512: RSA,
  PS256: RSA,
  PS384: RSA,
  PS512: RSA,
  ES256: curve('P-256'),
  ES384: curve('P-384'),
  ES512: curve('P-521'),
  EdDSA: ED,
  Ed25519: ED,
}

function tokenSignature(alg: string, text: string, key: KeyObject): Buffer {
  const hash = alg.startsWith('Ed') ? null : `sha${alg.slice(-3)}`
  if (alg.startsWith('ES')) return sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants
  return sign(hash, Buffer.from(text), alg.startsWith('PS') ? { key, padding, saltLength } : key)
}

describe('scripts/verify-session.py for people', () => {
  it('given no device, says which key signed and that it must be compared, and what it does not check', () => {
    const state = newState()
    const path = completeLog(state)
    const { session } = byUs(path)
    const words = (to: string) => [
      `${path}: ok, complete, 8 records`,
      `  session ${session}, number 1, after the header ${'0'.repeat(64)}`,
      `  signed by ${state.device.id}${to}`,
      'not checked here:',
    ]
    const said = (...args: string[]) => {
      const { stdout, status } = python(...args)
      return { lines: stdout.split('\n').slice(0, 4), status }
    }
    const compare = ": compare it with the key that you know to be that device's"
    expect(said(path)).toEqual({ lines: words(compare), status: 0 })
    expect(said('--device', state.device.id, path)).toEqual({ lines: words(''), status: 0 })
    expect(python(path).stdout).toContain('whose the SSH keys of receipts are')
  })

  it('given half a last line, a log that is broken and one of another device, says so', () => {
    const [state, other] = [newState(), newState()]
    const open = openLog(state)
    exchange(open, 1)
    appendFileSync(open.path, '{"seq":3')
    const broken = completeLog(other)
    rewritten(broken, linesOf(broken).toSpliced(3, 1))
    const foreign = completeLog(other)
    const { stdout, status } = python('--device', state.device.id, open.path, broken, foreign)
    const told = stdout.split('\n').filter((line) => !/^ {2}(session|signed by|names the key) /.test(line))
    expect({ told: told.slice(0, 6), status }).toEqual({
      told: [
        `${open.path}: ok, open, 3 records`,
        '  there is no footer: it is running, was killed, or its end was cut off; nothing in it is signed, so anybody can have written it; half a line (8 bytes) stands at the end and does not count',
        `${broken}: broken, 3 records`,
        '  record 3 (line 4) calls itself 4: lines are missing, altered or in another order',
        `${foreign}: not trusted, 8 records`,
        `  the device key \`${other.device.id}\` is none of those that were named`,
      ],
      status: 7,
    })
  })

  it.each([
    { given: 'nothing', args: [], says: 'the following arguments are required: PATH' },
    { given: 'a file that is not there', args: ['/nosuch'], says: 'there is no file `/nosuch`' },
    {
      given: 'a device key that is none',
      args: ['--device', 'ed25519:x', '/'],
      says: 'argument --device: `ed25519:x` is no device key: `ed25519:` and 43 characters',
    },
  ])('given $given, exits with 2', ({ args, says }) => {
    const { stdout, stderr, status } = python(...args)
    expect({ stdout, status, said: stderr.split('error: ')[1] }).toEqual({
      stdout: '',
      status: 2,
      said: `${says}\n`,
    })
  })

  it('given no openssl that can verify, exits with 2 and takes no log for broken', () => {
    const { stdout, stderr, status } = spawnSync(
      execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(),
      [SCRIPT, completeLog(newState())],
      { encoding: 'utf8', env: { PATH: temporaryDirectory() } },
    )
    expect({ stdout, status, said: stderr.split('error: ')[1] }).toEqual({
      stdout: '',
      status: 2,
      said: 'the `openssl` command is missing or cannot verify Ed25519 signatures: install OpenSSL 3\n',
    })
  })

  it('given the commands of docs/session-log.md, openssl finds the footer signed', () => {
    const state = newState()
    oddLog(state)
    const page = readFileSync(join(import.meta.dirname, '../../docs/session-log.md'), 'utf8')
    const commands = /```\n(tail[^`]+)```/.exec(page)?.[1]?.replace('00000017', '00000001') ?? ''
    const { stdout, status } = spawnSync('sh', ['-e', '-c', commands], { cwd: state.path, encoding: 'utf8' })
    expect({ stdout, status }).toEqual({ stdout: 'Signature Verified Successfully\n', status: 0 })
  })
})
