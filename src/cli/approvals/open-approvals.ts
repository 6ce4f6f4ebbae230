import { userInfo } from 'node:os'
import type { Approver, ProofKind, ReceiptProof, Requester } from '../../approval.ts'
import { loadDeviceKey, type DeviceKey } from '../../audit/device-key.ts'
import { approverOfClaims, approverOfKey } from '../../policy/approver.ts'
import type { Policy } from '../../policy/policy.ts'
import { DevicePins } from '../../state/device-pins.ts'
import { openSharedState, type SharedState } from '../../state/shared-state.ts'
import { visible } from '../../visible.ts'
import type { Context } from '../context.ts'
import { lineOf } from '../asked-text.ts'
import { sealKeyOf } from '../seal-key.ts'
import type { ApproveParts, Proven } from './approve-parts.ts'
import type { Own } from './examine.ts'
import type { Inbox } from './inbox.ts'
import { LocalInbox } from './local-inbox.ts'
import { OwnPolicies } from './own-policies.ts'
import { proveAnswer } from './prove-answer.ts'

/**
 * Opens what the screen works with: what waits here and in the team's store, the policies to decide by, and the ways to
 * prove a yes. Throws STATE_UNWRITABLE, FILE_MODE and DEVICE_KEY.
 */
export async function openApprovals(named: string | undefined, context: Context): Promise<ApproveParts> {
  const { state, run } = context.directories()
  const device = loadDeviceKey(state)
  const shared = openSharedState(state, run)
  const calls = new Set<() => void>()
  const policies = new OwnPolicies(named, context, () => calls.forEach((call) => call()))
  await policies.load()
  const inbox = await openInbox(policies.of(), { shared, device }, context)
  const own = (question?: Parameters<OwnPolicies['of']>[0]) => policies.of(question)
  return {
    inbox: {
      waiting: () => inbox.waiting(),
      remembered: () => inbox.remembered(),
      ended: (approval) => inbox.ended(approval),
      answer: (entry, answer) => inbox.answer(entry, answer),
      forget: (one) => inbox.forget(one),
      onChange: (call) => {
        calls.add(call)
        const stop = inbox.onChange(call)
        return () => {
          calls.delete(call)
          stop()
        }
      },
      close: () => {
        policies.close()
        inbox.close()
      },
    },
    own,
    catchUp: () => policies.catchUp(),
    prove: (kind, challenge, show, question) =>
      prove(kind, challenge, { own: own(question), requester: question.requester, device, context, show }),
    name: nameOf(policies.of()),
    whose: `It looks at those of the user ${visible(userInfo().username)} in ${visible(state)}.`,
  }
}

interface Machine {
  readonly shared: SharedState
  readonly device: DeviceKey
}

async function openInbox(own: Own, { shared, device }: Machine, context: Context): Promise<Inbox> {
  const local = new LocalInbox(shared, { key: sealKeyOf(device), now: context.now })
  const store = own.kind === 'policy' ? own.policy.approvals.store : null
  if (store === null) return local
  const [{ TeamQuestions }, { TeamInbox }, { openStoreFromHere }] = await Promise.all([
    import('./team-questions.ts'),
    import('./team-inbox.ts'),
    import('./open-team-store.ts'),
  ])
  const team = new TeamQuestions({
    bucket: await openStoreFromHere(store, context),
    pins: new DevicePins(shared),
    device: device.id,
    now: context.now,
    say: (line) => void context.stderr.write(`hoopctl: ${line}\n`),
  })
  await team.refresh()
  return new TeamInbox(local, team, context.now)
}

interface Proving {
  readonly own: Own
  /** Whose question it is: at their desk somebody else proves it. */
  readonly requester: Requester
  readonly device: DeviceKey
  readonly context: Context
  readonly show: (text: string) => void
}

async function prove(
  kind: ProofKind,
  challenge: string,
  { own, requester, ...proving }: Proving,
): Promise<Proven> {
  if (own.kind === 'none') throw new Error('a yes was given without a policy to decide by')
  const { policy, me } = own
  const isTheirs = me !== null && me.issuer === requester.issuer && me.sub === requester.sub
  const keys = keysOf(policy, isTheirs ? null : me)
  const proof = await proveAnswer(kind, { ...proving, challenge, policy, keys })
  return { proof, approver: await approverOf(proof, policy) }
}

// Of somebody who is not signed in here, whichever of all keys this machine has.
function keysOf({ people }: Policy, me: Approver | null): string[] {
  const own = people.filter(({ issuer, sub }) => me === null || (issuer === me.issuer && sub === me.sub))
  return own.flatMap(({ keys }) => keys.map(lineOf))
}

// The proof was verified when it was made; whoever asked verifies it anew.
async function approverOf(proof: ReceiptProof, policy: Policy): Promise<Approver | null> {
  if (proof.kind === 'terminal') return null
  if (proof.kind === 'key') {
    const found = approverOfKey(proof.key, policy)
    return found.ok ? found.approver : null
  }
  const { readJwt } = await import('../../identity/read-jwt.ts')
  const read = readJwt(proof.idToken)
  const found = read.ok ? approverOfClaims(read.jwt.claims, policy) : null
  return found?.ok === true ? found.approver : null
}

function nameOf(own: Own): string {
  const me = own.kind === 'policy' ? own.me : null
  return me?.email ?? me?.sub ?? userInfo().username
}
