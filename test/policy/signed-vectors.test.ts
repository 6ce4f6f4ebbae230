import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { verifySignedPolicy } from '../../src/policy/signed-policy.ts'
import { trustDigest } from '../../src/policy/trust-chain.ts'
import { verifyTrustChain } from './follow-chain.ts'
import { NOW } from './a-signed-policy.ts'

// What signed-vectors/make.sh made: openssl signed, and printed these digests of the YAML.
const FIRST = '97695f5f73bf07099f193b88392aa16635c0f737445cef8777afb8c0a9f41989'
const SECOND = '7d1ca9fa0094151d12dc7dc09115c390bcab79ac1c720e5fabed95af50b3118e'
const POLICY = '60c6716ce5be5122f8273e5b3f9181aae6d6facdb4a63304374dbcee342a6906'

const file = (name: string) => readFileSync(join(import.meta.dirname, 'signed-vectors', name))
const [first, second, policy] = [file('1.jws'), file('2.jws'), file('acme.jws')]
const EXPECTED = { name: 'acme', now: NOW, lowestVersion: 7 }

it('given trust documents and a policy that openssl signed, agrees with it', () => {
  expect([first, second].map(trustDigest)).toEqual([FIRST, SECOND])
  const chain = verifyTrustChain(FIRST, [first, second])
  if (!chain.ok) throw new Error(chain.why)
  const { number, threshold, floor, digest } = chain.trust
  expect({ number, threshold, floor, digest }).toEqual({
    number: 2,
    threshold: 2,
    floor: { minVersion: 7, since: 2 },
    digest: SECOND,
  })
  const verified = verifySignedPolicy(policy, chain.trust, EXPECTED)
  expect(verified).toMatchObject({ ok: true, name: 'acme', version: 7, digest: POLICY })
})

it('given the same policy under the first document, whose key did not sign it, refuses it', () => {
  const chain = verifyTrustChain(FIRST, [first])
  if (!chain.ok) throw new Error(chain.why)
  const refusal = { ok: false, code: 'threshold', why: 'it has 0 of the 1 signatures that are needed' }
  expect(verifySignedPolicy(policy, chain.trust, EXPECTED)).toEqual(refusal)
})
