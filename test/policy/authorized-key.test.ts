import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAuthorizedKey } from '../../src/policy/authorized-key.ts'

const field = (bytes: Uint8Array | string): Buffer => {
  const body = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** Writes a key as OpenSSH does. */
function line(type: string, ...parts: readonly (Uint8Array | string)[]): string {
  return `${type} ${Buffer.concat([type, ...parts].map(field)).toString('base64')}`
}

const mpint = (bytes: Buffer) => ((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes)

function rsa(bits: number, exponent?: Buffer): string {
  const { n = '', e = '' } = generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({
    format: 'jwk',
  })
  return line('ssh-rsa', exponent ?? Buffer.from(e, 'base64url'), mpint(Buffer.from(n, 'base64url')))
}

function ed25519(): Buffer {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}

function point(namedCurve: 'P-256' | 'P-384' | 'P-521'): Buffer {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' })
  return Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

const SK = 'sk-ssh-ed25519@openssh.com'
const KEYS: Readonly<Record<string, string>> = {
  ed25519: line('ssh-ed25519', ed25519()),
  p256: line('ecdsa-sha2-nistp256', 'nistp256', point('P-256')),
  p384: line('ecdsa-sha2-nistp384', 'nistp384', point('P-384')),
  p521: line('ecdsa-sha2-nistp521', 'nistp521', point('P-521')),
  rsa: rsa(2048),
  sk: line(SK, ed25519(), 'ssh:'),
  'sk of a curve': line('sk-ecdsa-sha2-nistp256@openssh.com', 'nistp256', point('P-256'), 'ssh:'),
}

describe('a line of an authorized_keys file', () => {
  it.each(Object.entries(KEYS))('given a key %s, reads it, with its comment', (_, key) => {
    const [type, base64] = key.split(' ')
    const read = readAuthorizedKey(`  ${key}\tann at her laptop `)
    expect(read.ok && read.key).toEqual({ type, base64, comment: 'ann at her laptop', verifyRequired: false })
    const bare = readAuthorizedKey(key)
    expect(bare.ok && bare.key.comment).toBe(null)
  })

  it('given verify-required before a security key, says so; before another, refuses', () => {
    const read = readAuthorizedKey(`verify-required ${KEYS['sk'] ?? ''}`)
    expect(read.ok && read.key.verifyRequired).toBe(true)
    expect(readAuthorizedKey(`verify-required ${KEYS['p256'] ?? ''}`)).toMatchObject({
      ok: false,
      why: '`verify-required` is about security keys, and a key of the type `ecdsa-sha2-nistp256` is none',
    })
  })

  it.each([
    { given: 'RSA of 1024 bits', key: rsa(1024), why: 'an RSA key of 1024 bits is too short: at least 2048' },
    {
      given: 'RSA with the exponent 1, for which everybody can sign',
      key: rsa(2048, Buffer.from([1])),
      why: 'parts',
    },
    { given: 'RSA with a negative exponent', key: rsa(2048, Buffer.from([0x81])), why: 'parts' },
    {
      given: 'the name of another curve',
      key: line('ecdsa-sha2-nistp256', 'nistp384', point('P-256')),
      why: 'parts',
    },
    {
      given: 'a compressed point',
      key: line('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 2)),
      why: 'parts',
    },
    { given: 'a part too many', key: line('ssh-ed25519', ed25519(), 'x'), why: 'parts' },
    { given: 'a short key', key: line('ssh-ed25519', ed25519().subarray(1)), why: 'parts' },
    { given: 'a security key without its application', key: line(SK, ed25519()), why: 'parts' },
    { given: 'another type inside', key: (KEYS['sk'] ?? '').replace(SK, 'ssh-ed25519'), why: 'another type' },
    {
      given: 'base64url',
      key: line('ssh-ed25519', Buffer.alloc(32, 0xff)).replaceAll('/', '_'),
      why: 'base64',
    },
    { given: 'a type alone', key: 'ssh-ed25519', why: 'base64' },
    { given: 'a certificate', key: line('ssh-ed25519-cert-v01@openssh.com', 'x'), why: 'no type of key' },
    { given: 'a command before it', key: `command="x" ${KEYS['p256'] ?? ''}`, why: 'before a key' },
    { given: 'two lines', key: `${KEYS['p256'] ?? ''}\n${KEYS['p384'] ?? ''}`, why: 'one line' },
    { given: 'nothing', key: '', why: 'no type of key' },
  ])('[ATK-WEAK-KEY] given $given, refuses', ({ key, why }) => {
    const read = readAuthorizedKey(key)
    expect(read.ok ? 'it was read' : read.why).toContain(why === 'parts' ? 'no whole key' : why)
  })

  it('given any key with one byte of its lengths or type changed, refuses; it never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(KEYS)), fc.nat(), fc.nat(254), (key, place, by) => {
        const [type = '', base64 = ''] = key.split(' ')
        const blob = Buffer.from(base64, 'base64')
        const at = place % (4 + type.length)
        blob[at] = ((blob[at] ?? 0) + 1 + by) % 256
        expect(readAuthorizedKey(`${type} ${blob.toString('base64')}`).ok).toBe(false)
      }),
    )
  })

  it('given any text, never throws', () => {
    fc.assert(
      fc.property(fc.base64String(), (text) => {
        expect(readAuthorizedKey(`ssh-rsa ${text}`).ok).toBe(false)
      }),
    )
  })
})
