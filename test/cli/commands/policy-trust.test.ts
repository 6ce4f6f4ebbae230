import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/digest.ts'
import { trustDigest } from '../../../src/policy/trust-chain.ts'
import { verifyTrustChain } from '../../policy/follow-chain.ts'
import { type Office, openOffice } from '../signing-office.ts'

let office: Office
let [ann, ben, cleo] = ['', '', '']
beforeAll(async () => {
  office = await openOffice()
  ;[ann, ben, cleo] = await office.keys('ann', 'ben', 'cleo')
})
afterEach(() => office.clear())
afterAll(() => office[Symbol.asyncDispose]())

const first = (...more: string[]) => office.policy(['trust', '--out', '1.jws', '--key', 'ann.key', ...more])
const second = (...more: string[]) =>
  office.policy(['trust', '--out', '2.jws', '--previous', '1.jws', ...more])

/** What a laptop that pinned the first document makes of these files. */
async function outcome(...names: string[]): Promise<unknown> {
  const files = await Promise.all(names.map((name) => office.read(name)))
  const verified = verifyTrustChain(trustDigest(files[0] ?? Buffer.alloc(0)) ?? '', files)
  if (!verified.ok) return verified.why
  const { number, threshold, signers, floor } = verified.trust
  return { number, threshold, signers: signers.map(({ id }) => id), floor }
}

describe('policy trust', () => {
  it('given a key, writes a document that trusts it, and prints the digest to pin', async () => {
    const { exitCode, stdout, stderr } = await first()
    const payload = JSON.parse((await office.read('1.jws')).toString()).payload
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `${sha256(Buffer.from(payload, 'base64url'))}\n`,
    })
    expect(stderr).toContain(`policies need 1 of 1 key:\n  ${ann}  signed\n`)
    expect(await outcome('1.jws')).toEqual({ number: 1, threshold: 1, signers: [ann], floor: null })
  })

  it('given --json, says what was written', async () => {
    const { stdout, stderr } = await first('--signer', ben, '--threshold', '2', '--json')
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({
      file: '1.jws',
      number: 1,
      digest: trustDigest(await office.read('1.jws')),
      threshold: 2,
      signers: [ann, ben],
      minVersion: null,
      signed: [ann],
      missing: 1,
      missingBefore: 0,
    })
  })

  it('given two who sign one after the other, holds after the second, and keeps its digest', async () => {
    const made = await first('--signer', ben, '--threshold', '2')
    expect(made.stderr).toContain('1 signature by these keys missing')
    expect(await outcome('1.jws')).toContain('1 of the 2 signatures by its own keys are missing')
    const signed = await office.policy(['trust', '--out', '1.jws', '--key', 'ben.key'])
    expect(signed.stderr).not.toContain('missing')
    expect(signed.stdout).toBe(made.stdout)
    expect(await outcome('1.jws')).toEqual({ number: 1, threshold: 2, signers: [ann, ben], floor: null })
  })

  it('[ATK-SIGN-TWICE] given one who signs twice, still misses the other', async () => {
    await first('--signer', ben, '--threshold', '2')
    const again = await office.policy(['trust', '--out', '1.jws', '--key', 'ann.key', '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({ signed: [ann], missing: 1 })
  })

  it('given a predecessor and --signer, trusts these alone, and both sides sign', async () => {
    await first()
    const half = await second('--signer', ben, '--key', 'ben.key')
    expect(half.stderr).toContain('1 signature by keys of trust document 1 missing')
    expect(await outcome('1.jws', '2.jws')).toContain('keys of the one before are missing')
    const whole = await second('--key', 'ann.key')
    expect({ exitCode: whole.exitCode, missing: whole.stderr.includes('missing') }).toEqual({
      exitCode: 0,
      missing: false,
    })
    expect(await outcome('1.jws', '2.jws')).toEqual({ number: 2, threshold: 1, signers: [ben], floor: null })
  })

  it('given a predecessor and no --signer, keeps its keys and threshold and adds the new one', async () => {
    await first('--signer', ben)
    await second('--key', 'ann.key', 'cleo.key', '--min-version', '5')
    expect(await outcome('1.jws', '2.jws')).toEqual({
      number: 2,
      threshold: 1,
      signers: [ann, ben, cleo],
      floor: { minVersion: 5, since: 2 },
    })
  })

  it('given a key that is neither in the document nor in the one before, refuses it', async () => {
    await first()
    const { exitCode, stderr } = await second('--signer', ben, '--key', 'ann.key', 'cleo.key')
    expect(exitCode).toBe(3)
    expect(stderr).toContain(`\`cleo.key\` is not among the keys of trust document 2, nor of one before`)
    await expect(office.read('2.jws')).rejects.toThrow('ENOENT')
  })

  it('given a predecessor that its own keys have not signed, refuses it', async () => {
    await first('--signer', ben, '--threshold', '2')
    const { exitCode, stderr } = await second('--key', 'ann.key')
    expect(exitCode).toBe(7)
    expect(stderr).toContain('`1.jws` does not hold')
  })

  it('given a document that is there, adds signatures and changes nothing else', async () => {
    await first()
    const before = await office.read('1.jws')
    for (const more of [
      ['--signer', ben],
      ['--threshold', '1'],
      ['--min-version', '2'],
    ]) {
      const { exitCode, stderr } = await first(...more)
      expect({ exitCode, said: stderr.includes('signatures hold for its text') }).toEqual({
        exitCode: 2,
        said: true,
      })
    }
    expect(await office.read('1.jws')).toEqual(before)
    await second('--signer', ben, '--key', 'ben.key')
    const alone = await office.policy(['trust', '--out', '2.jws', '--key', 'ann.key'])
    expect({
      exitCode: alone.exitCode,
      said: alone.stderr.includes('give trust document 1 as --previous'),
    }).toEqual({
      exitCode: 2,
      said: true,
    })
  })

  it('given another file that is there, does not replace it', async () => {
    await office.write('1.jws', 'mine')
    const { exitCode, stderr } = await first()
    expect(exitCode).toBe(3)
    expect(stderr).toContain('`1.jws` is not replaced: it is no trust document')
    expect((await office.read('1.jws')).toString()).toBe('mine')
  })

  it.each([
    {
      given: 'a threshold above the keys',
      more: ['--threshold', '2'],
      exitCode: 3,
      seen: 'more keys must sign',
    },
    { given: 'a threshold of 0', more: ['--threshold', '0'], exitCode: 2, seen: '1 to 2147483648' },
    {
      given: 'a threshold that is no number',
      more: ['--threshold', 'two'],
      exitCode: 2,
      seen: '1 to 2147483648',
    },
    {
      given: 'a minimum above 2^31',
      more: ['--min-version', '2147483649'],
      exitCode: 2,
      seen: '1 to 2147483648',
    },
    {
      given: 'a public key that is none',
      more: ['--signer', 'ann'],
      exitCode: 3,
      seen: '`ann` cannot be trusted',
    },
    {
      given: 'a public key for which anybody can sign',
      more: ['--signer', `ed25519:AQ${'A'.repeat(41)}`],
      exitCode: 3,
      seen: 'small order',
    },
  ])('given $given, writes nothing', async ({ more, exitCode, seen }) => {
    const outcome = await first(...more)
    expect(outcome.exitCode).toBe(exitCode)
    expect(outcome.stderr).toContain(seen)
    await expect(office.read('1.jws')).rejects.toThrow('ENOENT')
  })
})
