import { execFileSync } from 'node:child_process'
import { chmod, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/digest.ts'
import { acme, type Office, openOffice, PASSPHRASE } from '../signing-office.ts'

let office: Office
let ann = ''
beforeAll(async () => {
  office = await openOffice()
  ;[ann] = await office.keys('ann', 'ben', 'cleo')
  await office.policy(['trust', '--out', '1.jws', '--key', 'ann.key', 'ben.key', '--threshold', '2'])
})
beforeEach(() => office.write('acme.yaml', acme()))
afterEach(() => office.clear('1.jws'))
afterAll(() => office[Symbol.asyncDispose]())

const sign = (keys: readonly string[], ...more: string[]) =>
  office.policy(['sign', 'acme.yaml', '--key', ...keys, '--trust', '1.jws', '--out', 'acme.jws', ...more])
const verify = async () => (await office.policy(['verify', 'acme.jws', '--trust', '1.jws'])).exitCode
const signedText = async () =>
  Buffer.from(JSON.parse((await office.read('acme.jws')).toString()).payload, 'base64url').toString()

describe('policy sign', () => {
  it('given enough keys, writes a policy that holds, byte for byte', async () => {
    await office.write('acme.yaml', acme(7, '# wörds  \n\n'))
    expect(await sign(['ann.key', 'ben.key'])).toEqual({
      exitCode: 0,
      stdout: 'Wrote acme.jws: policy acme, version 7, 2 signatures, 2 needed.\n',
      stderr: '',
    })
    expect(await signedText()).toBe(acme(7, '# wörds  \n\n'))
    expect(await verify()).toBe(0)
    expect(await readdir(office.folder)).not.toContainEqual(expect.stringContaining('.tmp'))
  })

  it('given two who sign one after the other, tells what is missing in between', async () => {
    const half = await sign(['ann.key'])
    expect(half.stdout).toBe('Wrote acme.jws: policy acme, version 7, 1 signature, 2 needed.\n')
    expect(half.stderr).toBe('1 signature missing: nobody takes it yet.\n')
    expect(await verify()).toBe(7)
    expect((await sign(['ben.key'])).stdout).toContain('2 signatures, 2 needed')
    expect(await verify()).toBe(0)
  })

  it('[ATK-SIGN-TWICE] given one who signs twice, still misses the other', async () => {
    await sign(['ann.key'])
    const { stdout } = await sign(['ann.key', 'ann.key'], '--json')
    expect(JSON.parse(stdout)).toEqual({
      file: 'acme.jws',
      name: 'acme',
      version: 7,
      digest: sha256(acme()),
      threshold: 2,
      signers: [ann],
      missing: 1,
    })
  })

  it('given what it wrote, openssl verifies the signature over the very text', async () => {
    await sign(['ann.key'])
    const { payload, signatures } = JSON.parse((await office.read('acme.jws')).toString())
    const header = JSON.parse(Buffer.from(signatures[0].protected, 'base64url').toString())
    expect(header).toEqual({ alg: 'EdDSA', typ: 'hoopctl-policy+yaml', kid: ann })
    const spki = Buffer.from('302a300506032b6570032100', 'hex')
    const raw = Buffer.from(ann.slice('ed25519:'.length), 'base64url')
    await writeFile(join(office.folder, 'ann.der'), Buffer.concat([spki, raw]))
    await office.write('signature', Buffer.from(signatures[0].signature, 'base64url'))
    const verifies = async (input: string) => {
      await office.write('input', input)
      const key = ['-pubin', '-keyform', 'DER', '-inkey', 'ann.der']
      const args = ['pkeyutl', '-verify', ...key, '-rawin', '-in', 'input', '-sigfile', 'signature']
      return execFileSync('openssl', args, { cwd: office.folder, encoding: 'utf8', stdio: 'pipe' })
    }
    expect(await verifies(`${signatures[0].protected}.${payload}`)).toBe('Signature Verified Successfully\n')
    await expect(verifies(`${signatures[0].protected}.${payload}x`)).rejects.toThrow()
  })

  it('given a key that the trust document does not name, writes nothing', async () => {
    const { exitCode, stderr } = await sign(['ann.key', 'cleo.key'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('`cleo.key` is not among the keys of trust document 1')
    await expect(office.read('acme.jws')).rejects.toThrow('ENOENT')
  })

  it.each([
    { given: 'an unknown key', text: acme(7, 'rulez: []\n'), seen: 'acme.yaml:7:1: ' },
    { given: 'no version', text: acme().replace('version: 7, ', ''), seen: 'must have `metadata.version`' },
    {
      given: 'no expiry',
      text: acme().replace(/, expires: [^ ]+/, ''),
      seen: 'must have `metadata.expires`',
    },
    {
      given: 'no identity',
      text: acme().replace(/^identity.*\n/m, ''),
      seen: 'must have `identity`',
    },
    {
      given: 'an expiry that has come',
      text: acme().replace('2026-12-20', '2026-11-20'),
      seen: 'expired at',
    },
  ])('given a policy with $given, does not sign it', async ({ text, seen }) => {
    await office.write('acme.yaml', text)
    const { exitCode, stderr } = await sign(['ann.key'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain(seen)
    await expect(office.read('acme.jws')).rejects.toThrow('ENOENT')
  })

  it('given a lower version than the trust document wants, does not sign it', async () => {
    const two = ['trust', '--previous', '1.jws', '--out', '2.jws', '--key', 'ann.key', 'ben.key']
    await office.policy([...two, '--min-version', '8'])
    const under = (file: string) =>
      office.policy(['sign', file, '--key', 'ann.key', '--trust', '2.jws', '--out', 'acme.jws'])
    const { exitCode, stderr } = await under('acme.yaml')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('it has version 7, and `minVersion` is 8')
    await office.write('acme.yaml', acme(8))
    expect((await under('acme.yaml')).exitCode).toBe(0)
  })

  it('given a later version, replaces the one before with all its signatures', async () => {
    await sign(['ann.key', 'ben.key'])
    await office.write('acme.yaml', acme(8))
    expect((await sign(['ben.key'], '--json')).stdout).toContain('"missing":1')
    expect(await signedText()).toBe(acme(8))
  })

  it.each([
    {
      given: 'other contents under the same version',
      text: acme(7, '# other\n'),
      seen: 'version 7 with other',
    },
    { given: 'an earlier version', text: acme(6), seen: 'it holds version 7 with other contents' },
    { given: 'another policy', text: acme(9).replace('name: acme', 'name: other'), seen: 'another policy' },
  ])('[ATK-ROLLBACK] given $given than are signed there, keeps what is there', async ({ text, seen }) => {
    await sign(['ann.key'])
    await office.write('acme.yaml', text)
    const { exitCode, stderr } = await sign(['ben.key'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain(seen)
    expect(await signedText()).toBe(acme())
  })

  it('given another file that is there, does not replace it', async () => {
    await office.write('acme.jws', 'mine')
    const { exitCode, stderr } = await sign(['ann.key'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain('`acme.jws` is not replaced: it is no signed policy')
    expect((await office.read('acme.jws')).toString()).toBe('mine')
  })

  it('given a file of another name, says under which it must be served', async () => {
    const args = ['sign', 'acme.yaml', '--key', 'ann.key', 'ben.key', '--trust', '1.jws', '--out', 'new.jws']
    expect((await office.policy(args)).stderr).toBe(
      'Serve it as acme.jws: under another name nobody takes it.\n',
    )
  })

  it.each([
    { given: 'another passphrase', key: 'ann.key', env: 'wrong one', seen: 'the passphrase does not open' },
    { given: 'no such file', key: 'no.key', env: PASSPHRASE, seen: 'there is no file `no.key`' },
    { given: 'a file that is no key', key: 'acme.yaml', env: PASSPHRASE, seen: 'other users may touch it' },
  ])('given $given, signs nothing and exits with 3', async ({ key, env, seen }) => {
    const args = ['sign', 'acme.yaml', '--key', key, '--trust', '1.jws', '--out', 'acme.jws']
    const { exitCode, stderr } = await office.policy(args, { env: { HOOPCTL_PASSPHRASE: env } })
    expect(exitCode).toBe(3)
    expect(stderr).toContain(seen)
    await expect(office.read('acme.jws')).rejects.toThrow('ENOENT')
  })

  it.each([
    { given: 'not encrypted', args: ['-algorithm', 'ed25519'], seen: 'is not encrypted' },
    {
      given: 'of another kind',
      args: ['-algorithm', 'x25519', '-aes256', '-pass', `pass:${PASSPHRASE}`],
      seen: 'holds no Ed25519 key',
    },
  ])('given a key that is $given, refuses it', async ({ args, seen }) => {
    execFileSync('openssl', ['genpkey', ...args, '-out', 'odd.pem'], { cwd: office.folder })
    await chmod(join(office.folder, 'odd.pem'), 0o600)
    const { exitCode, stderr } = await sign(['odd.pem'])
    expect(exitCode).toBe(3)
    expect(stderr).toContain(seen)
  })

  it('given keys with different passphrases and a person at a terminal, asks for each', async () => {
    await office.policy(['keygen', '--out', 'dan.pem'], { env: { HOOPCTL_PASSPHRASE: 'dans own words' } })
    await office.policy(['trust', '--out', 'd.jws', '--key', 'ann.key', 'dan.pem'], {
      env: {},
      typed: `${PASSPHRASE}\ndans own words\n`,
    })
    const args = ['sign', 'acme.yaml', '--key', 'dan.pem', 'ann.key', '--trust', 'd.jws', '--out', 'acme.jws']
    const { exitCode, stdout, stderr } = await office.policy(args, {
      env: {},
      typed: `dans own words\n${PASSPHRASE}\n`,
    })
    expect(exitCode).toBe(0)
    expect(stderr).toBe('Passphrase of `dan.pem`: \nPassphrase of `ann.key`: \n')
    expect(stdout).toBe('Wrote acme.jws: policy acme, version 7, 2 signatures, 1 needed.\n')
  })
})
