import { execFileSync } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Office, openOffice, PASSPHRASE } from '../signing-office.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office[Symbol.asyncDispose]())

const KEYGEN = ['keygen', '--out', 'ann.key']

describe('policy keygen', () => {
  it('given a file to write, prints the public key alone, and keeps the private one from others', async () => {
    const { exitCode, stdout } = await office.policy(KEYGEN)
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^ed25519:[\w-]{43}\n$/),
    })
    const { mode } = await stat(join(office.folder, 'ann.key'))
    expect(mode & 0o777).toBe(0o600)
  })

  it('given --json, prints it as JSON', async () => {
    const { stdout, stderr } = await office.policy([...KEYGEN, '--json'])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      file: 'ann.key',
      public: expect.stringMatching(/^ed25519:[\w-]{43}$/),
    })
  })

  it('given its file and passphrase, openssl opens it and finds the same public key; given another, it does not', async () => {
    const id = (await office.policy(KEYGEN)).stdout.trim()
    const file = join(office.folder, 'ann.key')
    const publicKey = (passphrase: string) =>
      execFileSync('openssl', ['pkey', '-in', file, '-passin', 'env:PASS', '-pubout', '-outform', 'DER'], {
        env: { ...process.env, PASS: passphrase },
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    expect(`ed25519:${publicKey(PASSPHRASE).subarray(-32).toString('base64url')}`).toBe(id)
    expect(() => publicKey(`${PASSPHRASE}!`)).toThrow()
    const text = (await office.read('ann.key')).toString()
    expect(text).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/)
  })

  it('given a file that is there, does not touch it', async () => {
    await office.write('ann.key', 'mine')
    const { exitCode, stdout, stderr } = await office.policy(KEYGEN)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('`ann.key` exists already')
    expect((await office.read('ann.key')).toString()).toBe('mine')
  })

  it.each([
    {
      given: 'no passphrase and no terminal',
      env: {},
      seen: 'stdin is no terminal\n  hint: set HOOPCTL_PASSPHRASE',
    },
    { given: 'an empty passphrase', env: { HOOPCTL_PASSPHRASE: '' }, seen: '`HOOPCTL_PASSPHRASE` is empty' },
  ])('given $given, makes no key', async ({ env, seen }) => {
    const { exitCode, stderr } = await office.policy(KEYGEN, { env })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(seen)
    await expect(office.read('ann.key')).rejects.toThrow('ENOENT')
  })

  it('given a short passphrase, says so', async () => {
    const short = await office.policy(KEYGEN, { env: { HOOPCTL_PASSPHRASE: 'eleven char' } })
    expect(short.stderr).toContain('fewer than 12 characters')
    const long = await office.policy(['keygen', '--out', 'ben.key'], {
      env: { HOOPCTL_PASSPHRASE: 'twelve chars' },
    })
    expect(long.stderr).not.toContain('fewer than 12')
  })

  it('[INV-5] given a person at a terminal, asks twice and shows nothing of what is typed', async () => {
    const typed = `${PASSPHRASE}\n${PASSPHRASE}\n`
    const { exitCode, stdout, stderr } = await office.policy(KEYGEN, { env: {}, typed })
    expect(exitCode).toBe(0)
    expect(stderr).toContain('New passphrase of `ann.key`: \nThe same once more: \n')
    expect(stdout + stderr).not.toContain('horse')
    expect((await office.policy(['trust', '--out', '1.jws', '--key', 'ann.key'])).exitCode).toBe(0)
  })

  it.each([
    {
      given: 'two different ones',
      typed: 'one passphrase\nanother one\n',
      seen: 'the two passphrases differ',
    },
    { given: 'none', typed: '\n', seen: 'no passphrase was typed' },
    { given: 'the end of input', typed: '', seen: 'no passphrase was typed' },
    { given: 'Control-C', typed: '\u0003', seen: 'no passphrase was typed' },
  ])('given a person who types $given, makes no key', async ({ typed, seen }) => {
    const { exitCode, stderr } = await office.policy(KEYGEN, { env: {}, typed })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(seen)
    await expect(office.read('ann.key')).rejects.toThrow('ENOENT')
  })

  it('given a folder that is not there, says how to make it', async () => {
    const { exitCode, stderr } = await office.policy(['keygen', '--out', 'keys/ann.key'])
    expect(exitCode).toBe(8)
    expect(stderr).toBe('hoopctl: there is no directory `keys`\n  hint: run: mkdir -p keys\n')
  })

  it.each(['keygen', 'trust', 'sign', 'verify'])('given %s --help, shows an example', async (command) => {
    const { exitCode, stdout } = await office.policy([command, '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(new RegExp(`Examples?:\n  \\$ hoopctl policy ${command} `))
  })
})
