import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateKeyPairSync } from 'node:crypto'
import { signJws, writeJws } from '../../src/policy/jws.ts'
import { publicKeyId } from '../../src/policy/public-key.ts'
import { trustDigest } from '../../src/policy/trust-chain.ts'
import { signedText } from './a-signed-policy.ts'

// docs/signed-policies.md, read by somebody else: what it says is enough to verify what we write.
const SCRIPT = join(import.meta.dirname, 'verify-signed.py')
const VECTORS = join(import.meta.dirname, 'signed-vectors')
const FIRST = '97695f5f73bf07099f193b88392aa16635c0f737445cef8777afb8c0a9f41989'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoopctl-signed-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function python(cwd: string, ...args: readonly string[]): Promise<{ code: unknown; stdout: string }> {
  return new Promise((done) => {
    execFile('python3', [SCRIPT, ...args], { cwd }, (failure, stdout) => {
      done({ code: failure === null ? 0 : failure.code, stdout })
    })
  })
}

describe('the page on signed policies', () => {
  it('given what openssl signed, is enough to verify it', async () => {
    const { code, stdout } = await python(VECTORS, FIRST, 'acme.jws', '1.jws', '2.jws')
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('name: acme, version: 7') })
    expect((await python(VECTORS, FIRST, 'acme.jws', '1.jws')).code).toBe(7)
    expect((await python(VECTORS, FIRST, 'acme.jws', '2.jws')).code).toBe(7)
  })

  it('given what we write, is enough to verify it, and to refuse it altered', async () => {
    const key = generateKeyPairSync('ed25519').privateKey
    const trust = [
      'apiVersion: hoopctl/v1\nkind: Trust\nnumber: 1\nthreshold: 1',
      `signers: [${publicKeyId(key)}]\n`,
    ].join('\n')
    const write = async (name: string, text: string, type: 'hoopctl-policy+yaml' | 'hoopctl-trust+yaml') => {
      const payload = Buffer.from(text)
      await writeFile(join(folder, name), writeJws(payload, [signJws(payload, type, key)]))
    }
    await write('1.jws', trust, 'hoopctl-trust+yaml')
    await write('acme.jws', signedText(), 'hoopctl-policy+yaml')
    await write('wrong.jws', signedText(), 'hoopctl-trust+yaml')
    const pin = trustDigest(readFileSync(join(folder, '1.jws'))) ?? ''
    expect(await python(folder, pin, 'acme.jws', '1.jws')).toEqual({ code: 0, stdout: signedText() })
    expect((await python(folder, pin, 'wrong.jws', '1.jws')).code).toBe(7)
    expect((await python(folder, pin.replace(/^./, 'x'), 'acme.jws', '1.jws')).code).toBe(7)
    const file = JSON.parse(readFileSync(join(folder, 'acme.jws'), 'utf8')) as object
    const payload = Buffer.from(signedText('name: acme, version: 8')).toString('base64url')
    await writeFile(join(folder, 'altered.jws'), JSON.stringify({ ...file, payload }))
    expect((await python(folder, pin, 'altered.jws', '1.jws')).code).toBe(7)
  })
})
