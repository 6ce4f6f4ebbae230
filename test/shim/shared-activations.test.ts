import { expect, it } from 'vitest'
import type { Activation } from '../../src/activation.ts'
import { HoopctlError } from '../../src/errors.ts'
import type { PolicyNow } from '../../src/shim/feeds.ts'
import { SharedActivations } from '../../src/shim/shared-activations.ts'
import { Events } from '../../src/state/events.ts'
import { writeActivation } from '../../src/state/activation-row.ts'
import { sealKeyIn } from '../fixtures/state/seal-key.ts'
import { askedEntry } from '../cli/approvals/an-asked-question.ts'
import { terms } from '../policy/a-demand.ts'
import { policyOf } from '../policy/a-policy.ts'
import { anActivation, at, newPlace, open, openActivations } from '../state/a-state.ts'
import { ALICE } from './an-authority.ts'
import { eventually } from '../eventually.ts'

const wants = (proof: 'terminal' | 'oidc'): Promise<PolicyNow['policy']> =>
  policyOf(`identity: { issuer: https://id.example, clientId: hoopctl, approvals: { clientId: approve } }
servers: { orders: {} }
grants:
  - name: write
    server: orders
    who: everyone
    duration: { max: 1h }
    activate: { proof: ${proof} }
    rules: [{ allow: { tool: write } }]
`)
const policyNow = (policy: PolicyNow['policy']): PolicyNow => {
  return { policy, key: 'trust:00', blocked: null, ends: null, refreshes: null }
}

/** A shim, and whoever has the device key of its person. */
async function machine() {
  const place = newPlace()
  const key = sealKeyIn(place.root)
  const { state, activations } = openActivations(place)
  const checked: Activation[] = []
  const provider = { isAway: false }
  const check = async (activation: Activation) => {
    checked.push(activation)
    if (provider.isAway) throw new HoopctlError('UNREACHABLE', 'https://id.example is away', { hint: 'wait' })
    return activation.expires > at(600) ? 'it lasts longer than was asked for' : null
  }
  const options = { key, now: () => at(1), check, say: () => undefined }
  const shim = new SharedActivations(open(place), options)
  const proof = { kind: 'oidc', idToken: 'token', request: 'request' } as const
  const asked = anActivation({
    grant: 'write',
    issuer: ALICE.issuer,
    sub: ALICE.sub,
    device: key.publicKey,
    proof,
  })
  const seal = (members: Partial<Activation>) => {
    const activation = { ...asked, ...members }
    writeActivation(state.database, { activation, deadlineMs: 1e12, used: 0, ended: null }, key)
  }
  const live = (policy: PolicyNow) => shim.live(policy, ALICE).map(({ expires }) => expires)
  const another = () => new SharedActivations(open(place), options)
  return { activations, asked, checked, live, seal, provider, shim, another, events: new Events(state) }
}

it('given a proven activation, sealed anew under its id to last longer, it does not count [ATK-EDITED-STATE]', async () => {
  const { activations, asked, checked, live, seal } = await machine()
  const policy = policyNow(await wants('oidc'))
  activations.start(asked)
  await eventually(() => expect(live(policy)).toEqual([at(600)]))
  seal({ expires: at(3600) })
  expect(live(policy)).toEqual([])
  await eventually(() => expect(checked.at(-1)?.expires).toEqual(at(3600)))
  expect(live(policy)).toEqual([])
})

it('given a grant to which a second person must agree, counts their yes once it was checked, and no sign-in', async () => {
  const { activations, asked, checked, live } = await machine()
  const { grants, ...rest } = await wants('oidc')
  const activate = { mode: 'approval', reason: 'optional', proof: 'oidc', approval: terms() } as const
  const policy = policyNow({ ...rest, grants: grants.map((grant) => ({ ...grant, activate })) })
  activations.start(asked)
  expect([live(policy), checked]).toEqual([[], []])
  const question = askedEntry().question
  const proof = { kind: 'approval', request: 'request', question, receipts: [] } as const
  activations.start({ ...asked, id: 'agreed', proof })
  expect(live(policy)).toEqual([])
  await eventually(() => expect(live(policy)).toEqual([at(600)]))
  expect(checked.map(({ id }) => id)).toEqual(['agreed'])
  expect(live(policyNow(await wants('terminal')))).toEqual([])
})

it('given a policy that wants a sign-in from now on, checks again what passed under one that did not', async () => {
  const { activations, asked, checked, live } = await machine()
  activations.start(asked)
  const before = policyNow(await wants('terminal'))
  await eventually(() => expect(live(before)).toEqual([at(600)]))
  const after = policyNow(await wants('oidc'))
  expect(live(after)).toEqual([])
  await eventually(() => expect(live(after)).toEqual([at(600)]))
  expect(checked).toHaveLength(2)
})

it('given a proof that does not hold, tells it as an event, once for all sessions [ATK-FORGED-REQUEST]', async () => {
  const { asked, live, seal, another, events, shim } = await machine()
  const policy = policyNow(await wants('oidc'))
  seal({ expires: at(3600) })
  const other = another()
  live(policy)
  other.live(policy, ALICE)
  const why = 'it lasts longer than was asked for'
  await eventually(() => expect(events.since(0)).toHaveLength(1))
  other.live(policy, ALICE)
  expect(events.since(0)).toMatchObject([
    { kind: 'refused-activation', fields: { id: asked.id, grant: 'write', why } },
  ])
  expect(shim.causes()).toEqual([{ text: `refused-activation write: ${why}`, revoked: null }])
})

it('given a provider that is away, says that the grant was asked for and what it waits for, and records nothing', async () => {
  const { activations, asked, live, provider, shim, events } = await machine()
  const policy = policyNow(await wants('oidc'))
  provider.isAway = true
  expect(shim.awaits('write', policy, ALICE)).toBe(null)
  activations.start(asked)
  expect(live(policy)).toEqual([])
  const why = 'its proof cannot be checked now: https://id.example is away'
  await eventually(() => expect(shim.awaits('write', policy, ALICE)).toBe(why))
  expect([events.since(0), shim.awaits('read', policy, ALICE)]).toEqual([[], null])
})
