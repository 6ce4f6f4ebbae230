import type { Activation } from '../../src/activation.ts'
import type { Demand, ProofKind, Question, Receipt } from '../../src/approval.ts'
import { grantQuestion } from '../../src/cli/approvals/grant-question.ts'
import { agreedId } from '../../src/grant-question.ts'
import { type AgreementChecks, checkAgreement } from '../../src/identity/approval-proof.ts'
import { missingAnswers } from '../../src/policy/answers-met.ts'
import { grantDemand } from '../../src/policy/grant-demand.ts'
import type { Grant, Policy } from '../../src/policy/policy.ts'
import { type GrantRequest, requestText } from '../../src/request-text.ts'
import { policyOf } from '../policy/a-policy.ts'
import { after, aReceipt, ASKED, type HowAnswered, type Players, theChecks } from './a-receipt.ts'

export const HOUR = 3600_000
export const ALICE = { issuer: 'https://login.acme.example', sub: '00u1a' }
export const BOB = { issuer: 'https://login.acme.example', sub: '00u9b' }

/** A policy with two grants that a second person of `dba` must agree to, and one on another server. */
export function agreedPolicy(terms: Readonly<Record<string, string>> = {}): Promise<Policy> {
  const all = { mode: 'approval', proof: 'key', by: '{ groups: [dba] }', ...terms }
  const activate = Object.entries(all)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')
  const grant = (name: string, server: string) => `
  - name: ${name}
    server: ${server}
    who: everyone
    duration: { default: 1h, max: 1h }
    activate: { ${activate} }
    rules: [{ allow: { tool: ${name} } }]`
  return policyOf(`identity: { issuer: "${ALICE.issuer}", clientId: hoopctl, approvals: { clientId: hoopctl-approve } }
people:
  - { issuer: "${BOB.issuer}", sub: ${BOB.sub}, groups: [dba], keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINkOcwdPqby2J8BF1dIQRJzL6HuvMo6GXTV6qzaXWg51] }
servers: { orders: {}, other: {} }
grants:${grant('write', 'orders')}${grant('drop', 'orders')}${grant('else', 'other')}
`)
}

/** What was asked, answered and begun. */
export interface Agreement {
  readonly request: GrantRequest
  readonly question: Question
  readonly receipts: readonly Receipt[]
  readonly activation: Activation
}

/** What of it is told otherwise. */
export interface HowAgreed {
  readonly asked?: Partial<GrantRequest>
  readonly names?: readonly string[]
  /** What is changed in the question after its digests were made. */
  readonly question?: Partial<Question>
  readonly by?: readonly ProofKind[]
  readonly answered?: HowAnswered
  /** How long after the question it begins, in seconds. */
  readonly begins?: number
}

/** Has the players ask for `write`, agree to it, and begin it. */
export function anAgreement(policy: Policy, players: Players, how: HowAgreed = {}): Agreement {
  const { names = ['write'], by = ['key'], answered = {}, begins = 30 } = how
  const grants = names.flatMap((name) => policy.grants.find((grant) => grant.name === name) ?? [])
  const request: GrantRequest = {
    policy: 'trust:00/acme',
    policyDigest: policy.digest,
    ...ALICE,
    device: players.device.id,
    at: ASKED.toISOString(),
    grants: names.map((name) => ({ name, durationMs: HOUR, reason: 'INC-1' })),
    ...how.asked,
  }
  const question = { ...questionOf(grants, request, policy), ...how.question }
  const receipts = by.map((kind) => aReceipt(kind, question, players, answered))
  const started = after(begins)
  const activation: Activation = {
    id: agreedId(question.approval, 'write'),
    policy: request.policy,
    grant: 'write',
    ...ALICE,
    device: players.device.id,
    started,
    expires: new Date(started.getTime() + HOUR),
    uses: null,
    reason: 'INC-1',
    proof: { kind: 'approval', request: requestText(request), question, receipts },
  }
  return { request, question, receipts, activation }
}

function questionOf(grants: readonly Grant[], request: GrantRequest, policy: Policy): Question {
  const { issuer, sub, device, at } = request
  const subject = { issuer, sub, email: null, groups: [], kind: 'human', claims: {} } as const
  const inForce = { policy, key: request.policy, blocked: null }
  const own = { subject, inForce, device, run: 'request-1', version: '1.0.0', active: [] }
  const asked = { grants, request: requestText(request), ...own }
  return grantQuestion(asked, grants[0]?.server ?? '', new Date(at))
}

/** Checks an activation as a shim does, by a policy of now. */
export function checkAgreed(
  activation: Activation,
  policy: Policy,
  players: Players,
  more: Partial<AgreementChecks> & { readonly demand?: Demand } = {},
): Promise<string | null> {
  const grant = policy.grants.find(({ name }) => name === activation.grant)
  if (grant === undefined) throw new Error('there is no such grant')
  const demand = more.demand ?? grantDemand([grant])
  const { proof } = activation
  if (proof.kind !== 'approval') return checkAgreement(activation, nobody(grant, demand))
  const { personOfKey, oidc } = theChecks(proof.question, players)
  const missing: AgreementChecks['missing'] = (answers) => missingAnswers(demand, activation, answers)
  return checkAgreement(activation, { server: grant.server, demand, missing, personOfKey, oidc, ...more })
}

function nobody({ server }: Grant, demand: Demand): AgreementChecks {
  return { server, demand, missing: () => [], personOfKey: () => null, oidc: null }
}
