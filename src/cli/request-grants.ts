import { randomUUID } from 'node:crypto'
import { quoted } from '../quoted.ts'
import type { Activation, ActivationProof } from '../activation.ts'
import { HoopctlError } from '../errors.ts'
import { laterBy } from '../instant.ts'
import { describeGrant } from '../policy/describe-grant.ts'
import { visible } from '../visible.ts'
import { type Asker, findAsker } from './asker.ts'
import { checkRequest, type Wanted } from './check-request.ts'
import type { Context } from './context.ts'
import { type DeviceState, withDeviceState } from './device-state.ts'
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
 * Activates grants for whoever asks, once it is proven that a person does. Throws UNKNOWN_GRANT, GRANT_DENIED, CANCELLED,
 * USAGE, NOT_SIGNED_IN, and what reading the policy or the state throws.
 */
export async function requestGrants(options: RequestOptions, context: Context): Promise<void> {
  const forMs = options.for === undefined ? null : parseDuration(options.for, '--for')
  const asker = await findAsker(options.policy, context)
  const wanted = checkRequest(options.names, forMs, asker, context.now())
  const reason = await reasonFor(wanted, options, context)
  await withDeviceState(context, async (state) => {
    const proof = await prove({ asker, wanted, reason, state }, options, context)
    const now = context.now()
    const activations = wanted.map((each) => activationOf(each, { asker, reason, state, proof, now }))
    start(activations, asker, state)
    wanted.forEach(({ grant }, index) => {
      const expires = activations[index]?.expires ?? now
      const line = options.json
        ? jsonLine(grantRow(grant, 'active', expires))
        : told(grant.name, expires, now)
      context.stdout.write(line)
    })
  })
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

// What people say yes to is what they have read: the same text comes before either proof. A sign-in proves more than a
// terminal, so one is enough for grants of both kinds.
async function prove(request: Request, options: RequestOptions, context: Context): Promise<ActivationProof> {
  const { asker, wanted, reason, state } = request
  const show = () => context.stderr.write(`${question(wanted, reason).join('\n')}\n`)
  if (wanted.some(({ grant }) => grant.activate.proof === 'oidc')) {
    const { proveBySignIn } = await import('./prove-by-sign-in.ts')
    const device = state.device.publicKey
    const how = { command: commandFor(options), byCode: options.device, show }
    return proveBySignIn({ asker, wanted, reason, device, ...how }, context)
  }
  const what = wanted.map(({ grant }) => `\`${grant.name}\``).join(' and ')
  await proveAtTerminal({ what, command: commandFor(options), show }, context)
  return { kind: 'terminal' }
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
    id: randomUUID(),
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
function start(activations: readonly Activation[], { subject }: Asker, state: DeviceState): void {
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
