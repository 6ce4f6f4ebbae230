import { describe, expect, it } from 'vitest'
import type { Receipt } from '../../src/approval.ts'
import { type Answered, checkReceipt, type ReceiptChecks } from '../../src/identity/check-receipt.ts'
import { signInFailed } from '../../src/identity/sign-in-failed.ts'
import { HoopctlError } from '../../src/errors.ts'
import { after, aQuestion, aReceipt, type HowAnswered, players, theChecks } from './a-receipt.ts'

const people = players()
const strangers = players()

function check(receipt: Receipt, question: Answered, more: Partial<ReceiptChecks> = {}) {
  return checkReceipt(receipt, question, theChecks(question, people, more))
}

describe('the proof `oidc`', () => {
  it.each<[string, HowAnswered['claims'], RegExp]>([
    ['of the sign-in’s client', { aud: 'hoopctl' }, /not for client/],
    ['of both clients', { aud: ['hoopctl-approve', 'hoopctl'], azp: 'hoopctl-approve' }, /for others too/],
    ['that was given to the sign-in’s client', { azp: 'hoopctl' }, /another client/],
    ['of another issuer', { iss: 'https://other.example' }, /issued by/],
    ['that answers another question', { nonce: '00'.repeat(32) }, /another question/],
    ['without a nonce', { nonce: undefined }, /no `nonce`/],
    ['of a sign-in from before', { auth_time: after(-61).getTime() / 1000 }, /not asked to sign in anew/],
    ['that does not say when', { auth_time: undefined }, /`auth_time`/],
    ['that was made later', { iat: after(100).getTime() / 1000 }, /in the future/],
    ['that was over by then', { exp: after(-41).getTime() / 1000 }, /expired/],
    ['that does not say who', { email: undefined }, /who signed in/],
  ])('[ATK-FORGED-RECEIPT] given a token %s, refuses it; its twin holds', async (_title, claims, why) => {
    const question = aQuestion(people)
    const said = await check(aReceipt('oidc', question, people, { claims: claims ?? {} }), question)
    expect(said).toEqual({ ok: false, why: expect.stringMatching(why) })
    const twin = aReceipt('oidc', question, people, {
      claims: { aud: ['hoopctl-approve'], azp: 'hoopctl-approve' },
    })
    expect((await check(twin, question)).ok).toBe(true)
  })

  it.each<[string, unknown, boolean]>([
    ['one of them', 'phrh', true],
    ['another', 'pwd', false],
    ['none', undefined, false],
    ['a list', ['phrh'], false],
  ])(
    'given a policy that wants means of its own, and %s in `acr`, takes only one of them',
    async (_title, acr, holds) => {
      const question = aQuestion(people)
      const checks = theChecks(question, people)
      const approvals = { clientId: 'hoopctl-approve', acrValues: ['phr', 'phrh'] }
      const oidc = checks.oidc && { ...checks.oidc, settings: { ...checks.oidc.settings, approvals } }
      const receipt = aReceipt('oidc', question, people, { claims: { acr } })
      expect((await checkReceipt(receipt, question, { ...checks, oidc })).ok).toBe(holds)
    },
  )

  it('given a token by the key that lies beside it, and not by the issuer’s, refuses it', async () => {
    const question = aQuestion(people)
    const receipt = aReceipt('oidc', question, { ...people, issuer: strangers.issuer })
    expect(await check(receipt, question)).toMatchObject({ ok: false })
  })

  it('[ATK-FORGED-RECEIPT] given another key beside its token than the issuer’s, refuses it: the log would look broken', async () => {
    const question = aQuestion(people)
    const receipt = aReceipt('oidc', question, people)
    const other = aReceipt('oidc', question, strangers)
    if (receipt.proof.kind !== 'oidc' || other.proof.kind !== 'oidc') throw new Error('no proof by sign-in')
    const proof = { ...receipt.proof, jwk: other.proof.jwk }
    expect(await check({ ...receipt, proof }, question)).toEqual({
      ok: false,
      why: 'the key beside its token is not the issuer’s key that verifies it',
    })
    expect((await check(receipt, question)).ok).toBe(true)
  })

  it('[ATK-SELF-APPROVAL] given an issuer that gives each client another `sub`, refuses it where people are compared', async () => {
    const checks = theChecks(aQuestion(people), people)
    const oidc = checks.oidc && { ...checks.oidc, isPairwise: () => Promise.resolve(true) }
    const said = async (each: Partial<Answered['demand']['each'][number]>) => {
      const made = aQuestion(people)
      const [first] = made.demand.each
      if (first === undefined) throw new Error('nobody is asked')
      const question = {
        ...made,
        demand: { ...made.demand, each: [{ ...first, notSelf: false, count: 1, ...each }] },
      }
      return (await check(aReceipt('oidc', question, people), question, { oidc })).ok
    }
    expect([await said({}), await said({ notSelf: true }), await said({ count: 2 })]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('given a policy without a client for approvals, or with that of sign-ins, refuses it', async () => {
    const question = aQuestion(people)
    const receipt = aReceipt('oidc', question, people)
    expect(await check(receipt, question, { oidc: null })).toMatchObject({ ok: false })
    const checks = theChecks(question, people)
    const settings = {
      issuer: 'https://login.acme.example',
      clientId: 'hoopctl-approve',
      approvals: { clientId: 'hoopctl-approve' },
    }
    const oidc = checks.oidc && { ...checks.oidc, settings }
    expect(await checkReceipt(receipt, question, { ...checks, oidc })).toMatchObject({ ok: false })
  })

  it('given an issuer that cannot be reached, throws, so that it is asked again; given a refusal, says it', async () => {
    const question = aQuestion(people)
    const checks = theChecks(question, people)
    const failing = (failure: Error) =>
      checks.oidc && { ...checks.oidc, verify: () => Promise.reject(failure) }
    const receipt = aReceipt('oidc', question, people)
    const away = new HoopctlError('UNREACHABLE', 'away', { hint: 'wait' })
    await expect(checkReceipt(receipt, question, { ...checks, oidc: failing(away) })).rejects.toBe(away)
    const said = await checkReceipt(receipt, question, { ...checks, oidc: failing(signInFailed('no')) })
    expect(said).toEqual({ ok: false, why: 'no' })
  })
})
