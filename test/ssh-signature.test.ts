import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSshKey } from '../src/ssh-key.ts'
import { verifySshSignature } from '../src/ssh-signature.ts'
import { armor, SECURITY_KEYS, type SshForm, sshSigner, unarmored } from './ssh-signer.ts'

const CHALLENGE = '90be'.repeat(16)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoopctl-ssh-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Makes a key with ssh-keygen; gives the path of its private half and the text of its public one. */
function made(name: string, ...how: string[]) {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-N', '', '-C', 'a comment', '-f', path, ...how])
  const [type = '', base64 = ''] = readFileSync(`${path}.pub`, 'utf8').split(' ')
  return { path, key: `${type} ${base64}` }
}

function signedBySsh(path: string, message: string, ...how: string[]): string {
  const args = ['-Y', 'sign', '-n', 'hoopctl-approval', ...how, '-f', path]
  return execFileSync('ssh-keygen', args, { input: message, stdio: ['pipe', 'pipe', 'ignore'] }).toString()
}

/** What `ssh-keygen -Y verify` says of a signature. */
function heldBySsh(key: string, signature: string, message: string, options = ''): boolean {
  const [signers, file] = [join(folder, 'signers'), join(folder, 'signature')]
  writeFileSync(signers, `alice ${options}${key}\n`)
  writeFileSync(file, signature)
  const args = ['-Y', 'verify', '-f', signers, '-I', 'alice', '-n', 'hoopctl-approval', '-s', file]
  return spawnSync('ssh-keygen', args, { input: message }).status === 0
}

describe('verifySshSignature', () => {
  it.each([
    ['ssh-ed25519', ['-t', 'ed25519'], []],
    ['ecdsa-sha2-nistp256', ['-t', 'ecdsa', '-b', '256'], []],
    ['ecdsa-sha2-nistp384', ['-t', 'ecdsa', '-b', '384'], []],
    ['ecdsa-sha2-nistp521', ['-t', 'ecdsa', '-b', '521'], []],
    ['ssh-rsa', ['-t', 'rsa', '-b', '2048'], []],
    ['ssh-rsa, hashed otherwise', ['-t', 'rsa', '-b', '3072'], ['-O', 'hashalg=sha256']],
  ])(
    'given what `ssh-keygen -Y sign` makes with %s, takes it, and for no other message',
    (name, how, hash) => {
      const { path, key } = made(name.replace(/\W/g, '-'), ...how)
      // Many, because the length of an ECDSA signature's numbers varies.
      for (let round = 0; round < (name.startsWith('ecdsa') ? 20 : 2); round++) {
        const signature = signedBySsh(path, CHALLENGE, ...hash)
        expect(verifySshSignature(signature, CHALLENGE)).toEqual({ ok: true, key, verified: false })
        expect(verifySshSignature(signature, `${CHALLENGE}\n`)).toEqual({
          ok: false,
          why: 'it does not hold',
        })
      }
    },
  )

  it.each(SECURITY_KEYS)(
    'given a signature of %s, holds what ssh-keygen holds: a touch, and the PIN',
    (type) => {
      const signer = sshSigner(type)
      const { key } = signer
      for (const [flags, verified] of [
        [0x01, false],
        [0x05, true],
      ] as const) {
        const signature = signer.sign(CHALLENGE, { flags })
        expect(verifySshSignature(signature, CHALLENGE)).toEqual({ ok: true, key, verified })
        expect(heldBySsh(key, signature, CHALLENGE)).toBe(true)
      }
      expect(verifySshSignature(signer.sign('another'), CHALLENGE).ok).toBe(false)
      expect(heldBySsh(key, signer.sign('another'), CHALLENGE)).toBe(false)
    },
  )

  it.each(SECURITY_KEYS)(
    '[ATK-FORGED-RECEIPT] given %s that nobody touched, refuses it, whatever else it says',
    (type) => {
      const signer = sshSigner(type)
      fc.assert(
        fc.property(
          fc.integer({ min: 0, max: 127 }).map((bits) => bits * 2),
          (flags) => {
            const said = verifySshSignature(signer.sign(CHALLENGE, { flags }), CHALLENGE)
            expect(said).toEqual({ ok: false, why: 'nobody touched the security key' })
          },
        ),
        { numRuns: 20 },
      )
    },
  )

  it.each<[string, SshForm, RegExp]>([
    ['of another namespace', { namespace: 'git' }, /its namespace/],
    ['of a namespace that begins as ours', { namespace: 'hoopctl-approval-2' }, /its namespace/],
    ['with something reserved', { reserved: 'x' }, /reserved/],
    ['with another hash', { hash: 'sha1' }, /hash that is not accepted/],
    ['with a hash that is a member of every object', { hash: 'constructor' }, /hash that is not accepted/],
    ['of another version', { version: 2 }, /not of version 1/],
    ['with other letters at its beginning', { magic: 'SSHSIH' }, /does not begin/],
    ['with bytes behind the whole', { behind: 'x' }, /not the parts of an SSH signature/],
    ['with bytes behind its signature', { inside: 'x' }, /not the parts of a signature/],
    ['by another algorithm', { algorithm: 'ssh-rsa' }, /algorithm/],
  ])('given a signature %s, refuses it; its twin holds', (_title, form, why) => {
    const signer = sshSigner('ssh-ed25519')
    const said = verifySshSignature(signer.sign(CHALLENGE, form), CHALLENGE)
    expect(said).toEqual({ ok: false, why: expect.stringMatching(why) })
    expect(verifySshSignature(signer.sign(CHALLENGE), CHALLENGE).ok).toBe(true)
  })

  it('given a security key that was made for something else than SSH, refuses it', () => {
    const [web, ssh] = [
      sshSigner(SECURITY_KEYS[0], 'https://acme.example'),
      sshSigner(SECURITY_KEYS[0], 'ssh:acme'),
    ]
    const why = 'of its key, it was not made for SSH'
    expect(verifySshSignature(web.sign(CHALLENGE), CHALLENGE)).toEqual({ ok: false, why })
    expect(verifySshSignature(ssh.sign(CHALLENGE), CHALLENGE).ok).toBe(true)
  })

  it('given an RSA key that is too short, refuses it', () => {
    const { path } = made('short', '-t', 'rsa', '-b', '1024')
    const why = 'of its key, it is an RSA key of fewer than 2048 bits'
    expect(verifySshSignature(signedBySsh(path, CHALLENGE), CHALLENGE)).toEqual({ ok: false, why })
  })

  it('given any byte changed, or any cut, refuses it', () => {
    const whole = unarmored(sshSigner('sk-ecdsa-sha2-nistp256@openssh.com').sign(CHALLENGE))
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole)
      changed.writeUInt8((whole[at] ?? 0) ^ 0x01, at)
      expect({ at, ok: verifySshSignature(armor(changed), CHALLENGE).ok }).toEqual({ at, ok: false })
      expect(verifySshSignature(armor(whole.subarray(0, at)), CHALLENGE).ok).toBe(false)
    }
  })

  it('given any text, and any bytes in the armor, refuses them without failing', () => {
    const refused = (text: string) => {
      expect(verifySshSignature(text, CHALLENGE).ok).toBe(false)
    }
    fc.assert(fc.property(fc.string(), refused))
    fc.assert(fc.property(fc.uint8Array(), (bytes) => refused(armor(Buffer.from(bytes)))))
    const signature = sshSigner('ssh-ed25519').sign(CHALLENGE)
    for (const text of [
      ` ${signature}`,
      `${signature}\n`,
      signature.replace('SIGNATURE', 'SIGNATURE '),
      signature.replaceAll('\n', '\r\n'),
    ])
      refused(text)
    expect(verifySshSignature(signature.trimEnd(), CHALLENGE).ok).toBe(true)
  })
})

describe('readSshKey', () => {
  it('given a line of a .pub file, gives type and base64 without the comment', () => {
    const { path, key } = made('read', '-t', 'ed25519')
    expect(readSshKey(readFileSync(`${path}.pub`, 'utf8'))).toMatchObject({ ok: true, key: { text: key } })
  })

  it.each<[string, (key: string) => string]>([
    ['nothing', () => ''],
    ['a type alone', () => 'ssh-ed25519'],
    ['another type before it', (key) => key.replace('ssh-ed25519', 'ssh-rsa')],
    ['options before it', (key) => `no-pty ${key}`],
    [
      'a name that every object has',
      () => `constructor ${Buffer.from('\0\0\0\u000bconstructor').toString('base64')}`,
    ],
    ['base64 that has another form', (key) => `${key}=`],
  ])('given %s, refuses it', (_title, change) => {
    expect(readSshKey(change(sshSigner('ssh-ed25519').key)).ok).toBe(false)
  })
})
