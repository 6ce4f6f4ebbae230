import { beforeAll, describe, expect, it } from 'vitest'
import type { Activation, ActivationProof } from '../../src/activation.ts'
import type { Question, Receipt } from '../../src/approval.ts'
import { callDigest, challengeOf } from '../../src/call-digest.ts'
import { agreedId, askedGrants } from '../../src/grant-question.ts'
import type { Policy } from '../../src/policy/policy.ts'
import { requestText } from '../../src/request-text.ts'
import { sshSigner } from '../ssh-signer.ts'
import { after, aReceipt, APPROVERS, aQuestion, players } from './a-receipt.ts'
import { ALICE, type Agreement, agreedPolicy, anAgreement, BOB, checkAgreed, HOUR } from './an-agreement.ts'

const people = players()
let policy: Policy
beforeAll(async () => {
  policy = await agreedPolicy()
})

type AgreedProof = Extract<ActivationProof, { readonly kind: 'approval' }>

const check = (activation: Activation, of: Policy = policy) => checkAgreed(activation, of, people)
const agreed = () => anAgreement(policy, people)
const withProof = ({ activation }: Agreement, changed: Partial<AgreedProof>): Activation => {
  const { proof } = activation
  if (proof.kind !== 'approval') throw new Error('nobody agreed')
  return { ...activation, proof: { ...proof, ...changed } }
}

describe('an activation to which a second person agreed', () => {
  it('given what they agreed to, by a key or by a sign-in, holds', async () => {
    expect(await check(agreed().activation)).toBeNull()
    expect(await check(anAgreement(policy, people, { by: ['oidc'] }).activation)).toBeNull()
  })

  it('given two grants of one question, holds for each of them', async () => {
    const both = anAgreement(policy, people, { names: ['write', 'drop'] })
    expect(await check(both.activation)).toBeNull()
    const drop = { ...both.activation, id: agreedId(both.question.approval, 'drop'), grant: 'drop' }
    expect(await check(drop)).toBeNull()
  })

  it('given a shorter one, and one that begins as late as an answer counts, holds', async () => {
    const { activation } = agreed()
    expect(await check({ ...activation, expires: new Date(activation.started.getTime() + 1000) })).toBeNull()
    expect(await check(anAgreement(policy, people, { begins: 600 }).activation)).toBeNull()
  })
})

describe('[ATK-FORGED-AGREEMENT] an activation that a program of this user seals itself', () => {
  it.each<[string, () => Activation, RegExp]>([
    [
      'proven at a terminal',
      () => ({ ...agreed().activation, proof: { kind: 'terminal' } }),
      /second person/,
    ],
    ['proven by whoever asks', () => ({ ...agreed().activation, proof: bySelf() }), /second person/],
    ['of another grant', () => ({ ...agreed().activation, grant: 'drop' }), /another grant/],
    ['of a grant of another server', otherServer, /asked about something else/],
    ['that lasts longer', () => longer(agreed().activation), /lasts longer/],
    ['for another reason', () => ({ ...agreed().activation, reason: 'INC-2' }), /another reason/],
    ['of another subject', () => ({ ...agreed().activation, sub: BOB.sub }), /another subject/],
    ['of another device', () => ({ ...agreed().activation, device: 'ed25519:B' }), /another device/],
    ['of another policy', () => ({ ...agreed().activation, policy: 'trust:01/acme' }), /another policy/],
    ['under a second id', () => ({ ...agreed().activation, id: 'again' }), /not the one activation/],
    ['that begins too late', () => anAgreement(policy, people, { begins: 640 }).activation, /too long ago/],
    [
      'that begins after all times',
      () => anAgreement(policy, people, { begins: 2401 }).activation,
      /soon after/,
    ],
    ['without an answer', () => withProof(agreed(), { receipts: [] }), /waits for 1 person/],
    ['whose question is none', () => withProof(agreed(), { question: {} as Question }), /cannot be read/],
    ['whose receipt is none', () => withProof(agreed(), { receipts: [{} as Receipt] }), /cannot be read/],
    ['whose receipts are none', () => withProof(agreed(), { receipts: null as never }), /cannot be read/],
    ['with a longer request', longerRequest, /asked about something else/],
    ['with a question about a call', aboutACall, /asked about something else/],
    ['with a question of another command', withCommand, /asked about something else/],
    ['with a question that lives longer', longerQuestion, /for longer than the policy/],
    ['with a question that may be answered longer', answeredLonger, /for longer than the policy/],
    ['with a question asked at another time', otherTime, /at another time/],
    ['with an answer to another question', replayed, /does not count/],
    ['with an answer that is edited', edited, /does not count/],
    ['with an answer of nobody’s key', byStranger, /ties that SSH key to nobody/],
    ['with an answer proven at the terminal', atTerminal, /weaker one/],
  ])('given one %s, says why not', async (_title, lie, why) => {
    expect(await check(lie())).toMatch(why)
    expect(await check(agreed().activation)).toBeNull()
  })

  it('given one to which whoever asks agreed themselves, refuses it', async () => {
    const personOfKey = () => ({ approver: { ...APPROVERS.key, ...ALICE }, userVerification: false })
    const said = await checkAgreed(agreed().activation, policy, people, { personOfKey })
    expect(said).toMatch(/not for whoever asks/)
    const byBob = () => ({ approver: { ...APPROVERS.key, ...BOB }, userVerification: false })
    expect(await checkAgreed(agreed().activation, policy, people, { personOfKey: byBob })).toBeNull()
  })
})

describe('an activation to which a second person agreed, under a policy that says otherwise now', () => {
  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['wants a sign-in', { proof: 'oidc' }, /weaker one/],
    ['wants two people', { count: '2' }, /waits for 1 more person/],
    ['names others', { by: '{ groups: [ops] }' }, /waits for 1 person: it is for the group `ops`/],
    ['lets questions live for less', { timeout: '5m' }, /for longer than the policy/],
  ])('given one that %s, does not count', async (_title, terms, why) => {
    expect(await check(agreed().activation)).toBeNull()
    expect(await check(agreed().activation, await agreedPolicy(terms))).toMatch(why)
  })

  it('given two people who agreed where two are wanted, counts; the same one twice is one', async () => {
    const two = await agreedPolicy({ count: '2' })
    const twice = anAgreement(two, people, { by: ['key', 'oidc'] }).activation
    expect(await checkAgreed(twice, two, people)).toMatch(/waits for 1 more person/)
    const personOfKey = () => ({ approver: { ...APPROVERS.key, sub: 'eve' }, userVerification: false })
    expect(await checkAgreed(twice, two, people, { personOfKey })).toBeNull()
  })
})

function bySelf(): ActivationProof {
  return { kind: 'oidc', idToken: 'a.b.c', request: '{}' }
}

function longer(one: Activation): Activation {
  return { ...one, expires: new Date(one.expires.getTime() + 1) }
}

function otherServer(): Activation {
  const { activation, question } = anAgreement(policy, people, { names: ['write', 'else'] })
  return { ...activation, id: agreedId(question.approval, 'else'), grant: 'else' }
}

function longerRequest(): Activation {
  const one = agreed()
  const grants = one.request.grants.map((each) => ({ ...each, durationMs: 9 * HOUR }))
  const { started } = one.activation
  const request = requestText({ ...one.request, grants })
  return { ...withProof(one, { request }), expires: new Date(started.getTime() + 9 * HOUR) }
}

function aboutACall(): Activation {
  const one = agreed()
  const { call, challenge } = aQuestion(people)
  return withProof(one, { question: { ...one.question, call, challenge } })
}

function withCommand(): Activation {
  const one = agreed()
  const asked = askedGrants(requestText(one.request), 'orders', ALICE)
  const server = { ...asked.server, command: '/opt/orders' }
  return signedAnew(one, { server, call: callDigest({ ...asked, server }) })
}

function longerQuestion(): Activation {
  return signedAnew(agreed(), { answerBy: after(9000).toISOString(), expires: after(9600).toISOString() })
}

function answeredLonger(): Activation {
  return signedAnew(agreed(), { answerBy: after(1801).toISOString() })
}

function otherTime(): Activation {
  return signedAnew(agreed(), { asked: after(5).toISOString() })
}

// Whoever has the device key and a second person's yes to what the question says now.
function signedAnew(one: Agreement, changed: Partial<Question>): Activation {
  const question = { ...one.question, ...changed }
  const challenge = challengeOf({ ...question, remember: null })
  const own = { ...question, challenge }
  return withProof(one, { question: own, receipts: [aReceipt('key', own, people)] })
}

function replayed(): Activation {
  return withProof(agreed(), { receipts: agreed().receipts })
}

function edited(): Activation {
  const one = agreed()
  const answered = { edited: { arguments: '{}' } }
  return withProof(one, { receipts: [aReceipt('key', one.question, people, answered)] })
}

function byStranger(): Activation {
  const one = agreed()
  const stranger = { ...people, ssh: sshSigner('sk-ssh-ed25519@openssh.com') }
  return withProof(one, { receipts: [aReceipt('key', one.question, stranger)] })
}

function atTerminal(): Activation {
  const one = agreed()
  return withProof(one, { receipts: [aReceipt('terminal', one.question, people)] })
}
