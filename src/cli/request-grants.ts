import { randomUUID } from 'node:crypto'
import type { Activation, ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { agreedId } from '../grant-question.ts'
import { laterBy } from '../instant.ts'
import { describeGrant } from '../policy/describe-grant.ts'
import { isAtLeast } from '../policy/merge-terms.ts'
import { quoted } from '../quoted.ts'
import { visible } from '../visible.ts'
import { type Asker, findAsker } from './asker.ts'
import { checkRequest, type Wanted } from './check-request.ts'
import type { Context } from './context.ts'
import { type DeviceState, withDeviceState } from './device-state.ts'
import { endNotGiven } from './end-not-given.ts'
import { durationInWords, parseDuration } from './duration.ts'
import { clockTime, grantRow } from './grant-lines.ts'
import { jsonLine } from './json.ts'
import { hasTerminal, proveAtTerminal } from './prove-at-terminal.ts'

/** What a person asks for. */
export interface RequestOptions {
  readonly names: readonly string[]
  readonly for: string | undefined
  readonly reason: string | undefined
  readonly policy: string | undefined
  /** Prove it with a code on another screen. */
  readonly device: boolean
  readonly json: boolean
}

const MAX_REASON_CHARACTERS = 500

/**
 * Activates grants for whoever asks, once it is proven that a person does, or once a second person has agreed. Throws
 * UNKNOWN_GRANT, GRANT_DENIED, APPROVAL_DENIED, APPROVAL_OVER, CANCELLED, USAGE, NOT_SIGNED_IN, and what reading the policy
 * or the state throws.
 */
export async function requestGrants(options: RequestOptions, context: Context): Promise<void> {
  const forMs = options.for === undefined ? null : parseDuration(options.for, '--for')
  const asker = await findAsker(options.policy, context)
  const wanted = checkRequest(options.names, forMs, asker, context.now())
  const reason = await reasonFor(wanted, options, context)
  await withDeviceState(context, async (state) => {
    const request = { asker, wanted, reason, state }
    endNotGiven(asker, state, context.now())
    const activations = wanted.some(({ grant }) => grant.activate.mode === 'approval')
      ? await agree(request, forMs, options, context)
      : activate(request, await prove(request, options, context), context.now())
    wanted.forEach(({ grant }, index) => {
      const { started, expires } = activations[index] ?? neverStarted()
      const line = options.json
        ? jsonLine(grantRow(grant, 'active', expires))
        : told(grant.name, expires, started)
      context.stdout.write(line)
    })
  })
}

function neverStarted(): never {
  throw new Error('a grant that was asked for was not activated')
}

function activate(request: Request, proof: ActivationProof, now: Date): readonly Activation[] {
  const activations = activationsOf(request, proof, now)
  start(activations, request)
  return activations
}

function activationsOf(request: Request, proof: ActivationProof, now: Date): readonly Activation[] {
  return request.wanted.map((each) => activationOf(each, { ...request, proof, now }))
}

async function agree(
  request: Request,
  forMs: number | null,
  options: RequestOptions,
  context: Context,
): Promise<readonly Activation[]> {
  const { askSecondPerson } = await import('./ask-second-person.ts')
  const toAgree = {
    ...request,
    command: commandFor(options),
    show: showTo(request, context),
    recheck: async () => {
      const asker = await findAsker(options.policy, context)
      checkRequest(options.names, forMs, asker, context.now())
      return asker
    },
    make: (proof: ActivationProof) => activationsOf(request, proof, context.now()),
    start: (activations: readonly Activation[]) => start(activations, request),
  }
  return askSecondPerson(toAgree, context)
}

async function reasonFor(
  wanted: readonly Wanted[],
  { reason: given, names }: RequestOptions,
  context: Context,
): Promise<string | null> {
  const needed = wanted.find(({ grant }) => grant.activate.reason === 'required')
  let reason = given?.trim() ?? ''
  if (reason === '' && needed !== undefined && hasTerminal(context)) {
    const { ask } = await import('./ask.ts')
    reason = (
      await ask(`Why do you need ${names.map((name) => visible(name)).join(' and ')}? `, context)
    ).trim()
  }
  if (reason.length > MAX_REASON_CHARACTERS) {
    const message = `the reason has more than ${MAX_REASON_CHARACTERS} characters`
    throw new HoopctlError('USAGE', message, { hint: 'name the ticket where the rest stands' })
  }
  if (reason !== '') return reason
  if (needed === undefined) return null
  const hint = `run: hoopctl request ${needed.grant.name} --reason "…"`
  throw new HoopctlError('USAGE', `\`${needed.grant.name}\` is given for a reason only`, { hint })
}

interface Request {
  readonly asker: Asker
  readonly wanted: readonly Wanted[]
  readonly reason: string | null
  readonly state: DeviceState
}

// What people say yes to is what they have read: the same text comes before each proof. The strongest that any of the
// grants wants is enough for all of them.
async function prove(request: Request, options: RequestOptions, context: Context): Promise<ActivationProof> {
  const { asker, wanted, reason, state } = request
  const command = commandFor(options)
  const show = showTo(request, context)
  const asked = { asker, wanted, reason, device: state.device.publicKey, command, show }
  const proofs = wanted.map(({ grant }) => grant.activate.proof)
  switch (proofs.reduce((a, b) => (isAtLeast(a, b) ? a : b), 'terminal')) {
    case 'oidc': {
      const { proveBySignIn } = await import('./prove-by-sign-in.ts')
      return proveBySignIn({ ...asked, byCode: options.device }, context)
    }
    case 'key': {
      const { proveByKey } = await import('./prove-by-key.ts')
      return proveByKey(asked, context)
    }
    case 'terminal': {
      const what = wanted.map(({ grant }) => `\`${grant.name}\``).join(' and ')
      await proveAtTerminal({ what, command, show }, context)
      return { kind: 'terminal' }
    }
  }
}

function showTo({ wanted, reason }: Request, { stderr }: Context): () => void {
  return () => void stderr.write(`${question(wanted, reason).join('\n')}\n`)
}

function question(wanted: readonly Wanted[], reason: string | null): string[] {
  const grants = wanted.flatMap(({ grant, durationMs }) => [
    `  ${visible(grant.name)} on ${visible(grant.server)}, for ${durationInWords(durationMs)}`,
    ...describeGrant(grant).map((line) => `    ${visible(line)}`),
  ])
  return ['You ask for:', ...grants, ...(reason === null ? [] : [`  reason: ${visible(reason)}`])]
}

function commandFor({ names, for: time, reason, policy }: RequestOptions): string {
  const more = [
    ...(time === undefined ? [] : ['--for', time]),
    ...(reason === undefined ? [] : ['--reason', reason]),
    ...(policy === undefined ? [] : ['--policy', policy]),
  ]
  return ['hoopctl', 'request', ...names, ...more].map(quoted).join(' ')
}

function activationOf(
  { grant, durationMs }: Wanted,
  made: Omit<Request, 'wanted'> & { readonly proof: ActivationProof; readonly now: Date },
): Activation {
  const { asker, reason, state, proof, now } = made
  return {
    id: proof.kind === 'approval' ? agreedId(proof.question.approval, grant.name) : randomUUID(),
    policy: asker.key,
    grant: grant.name,
    issuer: asker.subject.issuer,
    sub: asker.subject.sub,
    device: state.device.publicKey,
    started: now,
    expires: laterBy(now, durationMs),
    uses: grant.uses,
    reason,
    proof,
  }
}

// All of them or none, and the bell only once others can see them.
function start(activations: readonly Activation[], { asker: { subject }, state }: Request): void {
  state.shared.database.durably(() => {
    for (const activation of activations) {
      const { grant, reason, started, expires } = activation
      state.activations.start(activation)
      const fields = {
        grant,
        by: subject.sub,
        expires: expires.toISOString(),
        ...(reason !== null && { reason }),
      }
      state.events.append({ kind: 'request', at: started, fields })
    }
  })
  state.shared.ring()
}

function told(name: string, expires: Date, now: Date): string {
  const left = durationInWords(expires.getTime() - now.getTime())
  return `${visible(name)} is active for ${left}, until ${clockTime(expires)}. To end it sooner: hoopctl revoke ${visible(name)}\n`
}
