import { randomUUID } from 'node:crypto'
import type { Activation, ActivationProof } from '../activation.ts'
import type { Question, Receipt } from '../approval.ts'
import { HoopctlError } from '../errors.ts'
import { whoAgrees } from '../policy/describe-grant.ts'
import type { Courier } from '../shim/shared-approvals.ts'
import { visible } from '../visible.ts'
import { awaitAnswers } from './approvals/await-answers.ts'
import { grantQuestion } from './approvals/grant-question.ts'
import { receiptChecker } from './approvals/receipt-checker.ts'
import { type AskedFor, askedText } from './asked-text.ts'
import type { Asker } from './asker.ts'
import type { Context } from './context.ts'
import type { DeviceState } from './device-state.ts'
import { clockTime } from './grant-lines.ts'
import { News } from './next-news.ts'

/** What a second person is asked to agree to, and what is done once they have. */
export interface ToAgree extends Omit<AskedFor, 'device'> {
  readonly state: DeviceState
  /** What a person types to ask again. */
  readonly command: string
  /** Shows what is asked for. */
  readonly show: () => void
  /** Finds anew, once people have agreed, who asks under the policy of then; throws where it gives less. */
  readonly recheck: () => Promise<Asker>
  /** Makes the activations that people agreed to. */
  readonly make: (proof: ActivationProof) => readonly Activation[]
  /** Makes them live. */
  readonly start: (activations: readonly Activation[]) => void
}

interface Asked {
  readonly question: Question
  /** The text of what is asked for. */
  readonly request: string
}

/**
 * Asks other people whether grants may be activated, waits for them as long as the policy lets it, and starts what they
 * agreed to. A signal, or whatever else comes before their answers are used, withdraws the question. Throws
 * APPROVAL_DENIED, APPROVAL_OVER, CANCELLED, and what its parts throw.
 */
export async function askSecondPerson(toAgree: ToAgree, context: Context): Promise<readonly Activation[]> {
  const { state, show } = toAgree
  const asked = questionFor(toAgree, context)
  const { question } = asked
  const courier = await courierFor(toAgree, context)
  show()
  state.approvals.ask(question, process.pid, context.now())
  courier?.post(question)
  tell(toAgree, question, context)
  let ended: Parameters<Courier['over']>[1] = 'withdrawn'
  try {
    const receipts = await answersTo(question, toAgree, context)
    const activations = await startAgreed(asked, receipts, toAgree, context)
    ended = 'used'
    return activations
  } catch (failure) {
    if (failure instanceof HoopctlError && failure.code === 'APPROVAL_DENIED') ended = 'denied'
    throw againWith(failure, toAgree.command)
  } finally {
    const why = 'whoever asked waits no longer'
    if (ended === 'withdrawn') state.approvals.withdraw(question.approval, why, context.now())
    courier?.over(question, ended)
    await courier?.close()
  }
}

function questionFor({ asker, wanted, reason, state }: ToAgree, context: Context): Asked {
  const device = state.device.publicKey
  const { subject } = asker
  const now = context.now()
  const request = askedText({ asker, wanted, reason, device }, now)
  const holder = { policy: asker.key, issuer: subject.issuer, sub: subject.sub, device }
  const active = state.activations.live(holder, now).map(({ grant }) => grant)
  const grants = wanted.map(({ grant }) => grant)
  const own = { inForce: asker, device, run: `request-${randomUUID()}`, version: context.version, active }
  const server = grants[0]?.server ?? ''
  return { request, question: grantQuestion({ grants, request, subject, ...own }, server, now) }
}

async function courierFor(
  { asker, state }: ToAgree,
  context: Context,
): Promise<(Courier & { close(): Promise<void> }) | null> {
  const { store, notify } = asker.policy.approvals
  if (store === null && notify.length === 0) return null
  const { BeyondMachine } = await import('./approvals/beyond-machine.ts')
  const { device, shared, approvals } = state
  const signing = { id: device.publicKey, sign: (bytes: Uint8Array) => device.sign(bytes) }
  const say = (line: string) => void context.stderr.write(`hoopctl: ${visible(line)}\n`)
  const needs = { policy: () => asker.policy, state: shared, approvals, device: signing, say }
  return new BeyondMachine(needs, context)
}

function tell({ wanted, asker }: ToAgree, { approval, answerBy }: Question, { stderr }: Context): void {
  const who = wanted.map(({ grant }) => whoAgrees(grant)).find((each) => each !== null) ?? ''
  const where = asker.policy.approvals.store === null ? '' : ', on their machine'
  const lines = [
    `It needs ${visible(who)} to agree, until ${clockTime(new Date(answerBy))}. They type${where}:`,
    '',
    `  hoopctl approve ${approval}`,
    '',
    'This waits for them; Control-C takes it back.',
  ]
  stderr.write(`${lines.join('\n')}\n`)
}

async function answersTo(
  question: Question,
  { state, asker }: ToAgree,
  context: Context,
): Promise<readonly Receipt[]> {
  const news = new News(question, state.shared, context)
  try {
    const check = receiptChecker(() => asker.policy, context)
    const get = (approval: string) => state.approvals.get(approval, context.now())
    return await awaitAnswers(question, { get, check, now: context.now, news })
  } finally {
    news.close()
  }
}

async function startAgreed(
  { question, request }: Asked,
  receipts: readonly Receipt[],
  { recheck, make, start, state }: ToAgree,
  context: Context,
): Promise<readonly Activation[]> {
  const { approvals } = state
  const { approval, session } = question
  const activations = make({ kind: 'approval', request, question, receipts })
  await refuseUnproven(activations, await recheck(), context)
  if (!approvals.claim(approval, { session, exchange: 0 }, context.now())) {
    const message = `${approval} was ended before it could be used`
    throw new HoopctlError('APPROVAL_OVER', message, { hint: 'ask again' })
  }
  start(activations)
  approvals.settle(approval, 'answered', context.now())
  return activations
}

// By the checks of every shim: what they would not count is not started.
async function refuseUnproven(
  activations: readonly Activation[],
  asker: Asker,
  context: Context,
): Promise<void> {
  const { proofChecker } = await import('./proof-checker.ts')
  const check = proofChecker(context)
  for (const activation of activations) {
    const why = await check(activation, asker)
    if (why === null) continue
    const message = `what was agreed to counts no longer: ${why}`
    throw new HoopctlError('APPROVAL_OVER', message, { hint: 'ask again' })
  }
}

function againWith(failure: unknown, command: string): unknown {
  if (!(failure instanceof HoopctlError) || failure.hint !== 'ask again') return failure
  const { code, message, cause } = failure
  return new HoopctlError(code, message, { hint: `to ask again: ${command}`, cause })
}
