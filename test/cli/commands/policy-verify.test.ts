import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/digest.ts'
import { trustDigest } from '../../../src/policy/trust-chain.ts'
import { openKey } from '../../../src/policy/key-file.ts'
import { signJws, writeJws } from '../../../src/policy/jws.ts'
import { Secret } from '../../../src/secret.ts'
import { acme, type Office, openOffice, PASSPHRASE } from '../signing-office.ts'

let office: Office
let [ann, ben] = ['', '']
beforeAll(async () => {
  office = await openOffice()
  ;[ann, ben] = await office.keys('ann', 'ben')
  await office.policy(['trust', '--out', '1.jws', '--key', 'ann.key', '--signer', ben])
  await office.policy(['trust', '--out', '2.jws', '--key', 'ben.key', '--min-version', '8'])
  await signed('acme.jws', acme())
})
afterAll(() => office[Symbol.asyncDispose]())

/** Signs a text with Ann's key, whether it lints or not. */
async function signed(file: string, text: string): Promise<void> {
  const opened = openKey((await office.read('ann.key')).toString(), new Secret(PASSPHRASE))
  if (!opened.ok) throw new Error(opened.why)
  const payload = Buffer.from(text)
  await office.write(file, writeJws(payload, [signJws(payload, 'hoopctl-policy+yaml', opened.key)]))
}

const verify = (file: string, ...more: string[]) =>
  office.policy(['verify', file, '--trust', '1.jws', ...more])

describe('policy verify', () => {
  it('given a policy that holds, says what it is and who signed it', async () => {
    expect(await verify('acme.jws')).toEqual({
      exitCode: 0,
      stdout: [
        'acme.jws: policy acme, version 7, until 2026-12-20T00:00:00.000Z\n',
        'signed by 1 of 2 keys of trust document 1 (1 needed)\n',
      ].join(''),
      stderr: '',
    })
  })

  it('given --json, says it as JSON', async () => {
    const { stdout } = await verify('acme.jws', '--json')
    expect(JSON.parse(stdout)).toEqual({
      ok: true,
      file: 'acme.jws',
      name: 'acme',
      version: 7,
      digest: sha256(acme()),
      expires: '2026-12-20T00:00:00.000Z',
      signers: [ann],
      trust: { number: 1, digest: trustDigest(await office.read('1.jws')), threshold: 1 },
    })
  })

  it('given another text under the same signature, exits with 7', async () => {
    const file = JSON.parse((await office.read('acme.jws')).toString())
    const payload = Buffer.from(acme(7, '  - allow: { tool: "*" }\n')).toString('base64url')
    await office.write('altered.jws', JSON.stringify({ ...file, payload }))
    const { exitCode, stdout } = await verify('altered.jws', '--json')
    expect({ exitCode, ...JSON.parse(stdout) }).toEqual({
      exitCode: 7,
      error: {
        code: 'POLICY_ALTERED',
        message: `\`altered.jws\` does not hold: it has 0 of the 1 signatures that are needed, and that of ${ann} does not verify: it was altered`,
        hint: 'do not use it: fetch it again, or ask those who sign it for a newer one',
      },
    })
  })

  it.each([
    {
      given: 'an expiry that has come',
      text: acme().replace('2026-12', '2025-12'),
      seen: 'it expired at 2025-12-20',
    },
    { given: 'a version above 2^31', text: acme(2 ** 31 + 1), seen: 'no whole number from 1 to 2147483648' },
    {
      given: 'no identity',
      text: acme().replace(/^identity.*\n/m, ''),
      seen: 'it has no section `identity`',
    },
  ])('given a signed policy with $given, exits with 7', async ({ text, seen }) => {
    await signed('odd.jws', text)
    const { exitCode, stderr } = await verify('odd.jws')
    expect(exitCode).toBe(7)
    expect(stderr).toContain(seen)
  })

  it('given the name that it must have, holds it to that', async () => {
    expect((await verify('acme.jws', '--name', 'acme')).exitCode).toBe(0)
    const { exitCode, stderr } = await verify('acme.jws', '--name', 'other')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('it is the policy `acme`, and `other` was asked for')
  })

  it('given a file of another name, says under which it is taken', async () => {
    await signed('copy.jws', acme())
    const { exitCode, stderr } = await verify('copy.jws')
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'It is served as acme.jws: under another name nobody takes it.\n',
    })
  })

  it('given a signed policy that does not load, points at what is wrong and exits with 3', async () => {
    await signed('broken.jws', acme(7, 'rulez: []\n'))
    const { exitCode, stderr } = await verify('broken.jws')
    expect(exitCode).toBe(3)
    expect(stderr).toContain('broken.jws:7:1: ')
  })

  it('given one that only a policy without signatures may be, says so, as every laptop would', async () => {
    await signed('weak.jws', acme(7, '  - ask: { tool: x }\n'))
    const { exitCode, stderr } = await verify('weak.jws')
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: expect.stringContaining('`identity.approvals`'),
    })
  })

  it.each([
    { given: 'other keys', trust: '2.jws', exitCode: 7, seen: '0 of the 1 signatures' },
    {
      given: 'a policy in its place',
      trust: 'acme.jws',
      exitCode: 7,
      seen: 'made for `hoopctl-policy+yaml`',
    },
    { given: 'no such file', trust: 'no.jws', exitCode: 3, seen: 'there is no file `no.jws`' },
    { given: 'a folder', trust: '.', exitCode: 3, seen: 'it is not a regular file' },
  ])('given a trust document with $given, does not verify', async ({ trust, exitCode, seen }) => {
    const outcome = await office.policy(['verify', 'acme.jws', '--trust', trust])
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(seen)
  })

  it('given a trust document as policy, exits with 7', async () => {
    const { exitCode, stderr } = await verify('1.jws')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('made for `hoopctl-trust+yaml`')
  })

  it('given a version below what the trust document asks for, exits with 7', async () => {
    await office.policy(['trust', '--out', '3.jws', '--key', 'ann.key', '--min-version', '8'])
    const under = (file: string) => office.policy(['verify', file, '--trust', '3.jws'])
    const { exitCode, stderr } = await under('acme.jws')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('nothing below 8 is accepted')
    await signed('acme8.jws', acme(8))
    expect((await under('acme8.jws')).exitCode).toBe(0)
  })
})
