import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { ApprovalDesk } from '../shim/approval-desk.ts'
import type { ActivationFeed, SubjectFeed } from '../shim/feeds.ts'
import { SharedActivations } from '../shim/shared-activations.ts'
import { SharedApprovals } from '../shim/shared-approvals.ts'
import { SignInFeed } from '../shim/sign-in-feed.ts'
import type { Standing } from '../shim/standing.ts'
import { Approvals } from '../state/approvals.ts'
import { ClockMark } from '../state/clock-mark.ts'
import { openSharedState, type SharedState } from '../state/shared-state.ts'
import { BeyondMachine } from './approvals/beyond-machine.ts'
import type { Context } from './context.ts'
import { RegisteredShim } from './registered-shim.ts'
import { sealKeyOf } from './seal-key.ts'
import type { Wrapped } from './session-authority.ts'
import { RunningSignIn } from './sign-in-source.ts'

// Behind the handshake, and what a client asks first.
const LOADED_AFTER_MS = 2000

/** What a session shares with other processes: sign-ins, activations, and that it runs. */
export interface SharedSession {
  readonly activations: ActivationFeed
  readonly desk: ApprovalDesk
  /** Reads who is signed in, and hears of sign-ins. */
  signedIn(identity: IdentitySettings): Promise<SubjectFeed>
  /** Tells other commands what holds in this session. */
  tell(standing: Standing, session: string): void
  /** Lets go of it; what people on other machines are still to be told may take two seconds. */
  close(): Promise<void>
}

/** Opens what a session shares with other processes; null, and told, where that cannot be read: then nothing is active. */
export function openSharedSession(wrapped: Wrapped, context: Context): SharedSession | null {
  const { device, say } = wrapped
  const { state, run } = context.directories()
  try {
    const shared = wrapped.state ?? openSharedState(state, run)
    const check = onceAsked(async () => (await import('./proof-checker.ts')).proofChecker(context))
    const registered = new RegisteredShim(shared, wrapped, context.now)
    const { desk, courier } = openDesk(shared, wrapped, context)
    const activations = new SharedActivations(shared, {
      key: sealKeyOf(device),
      now: context.now,
      check,
      say,
    })
    return {
      desk,
      activations,
      signedIn: async (identity) => {
        const feed = new SignInFeed(new RunningSignIn(identity, shared, context), identity, context.now)
        // Before the client's first message: it reads instructions once, and the first record says who asks.
        await feed.read()
        return feed
      },
      tell: (standing, session) => registered.tell(standing, session),
      close: async () => {
        registered.end()
        await courier.close()
        activations.close()
        if (shared !== wrapped.state) shared.close()
      },
    }
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    say(`nothing that was requested is active: ${failure.message} (${failure.hint})`)
    return null
  }
}

function openDesk(
  state: SharedState,
  { policy: feed, device, say }: Wrapped,
  context: Context,
): { readonly desk: ApprovalDesk; readonly courier: BeyondMachine } {
  const key = sealKeyOf(device)
  const policy = () => feed.current().policy
  const onRefused = ({ why }: { readonly why: string }) => say(`a question was removed: ${why}`)
  const approvals = new Approvals(state, { key, clock: new ClockMark(state), onRefused })
  const courier = new BeyondMachine({ policy, state, approvals, device, say }, context)
  const check = onceAsked(async () =>
    (await import('./approvals/receipt-checker.ts')).receiptChecker(policy, context),
  )
  const own = { approvals, device: key.publicKey, pid: process.pid }
  const desk = new SharedApprovals(state, { ...own, courier, now: context.now, check, say })
  return { desk, courier }
}

// What checks proofs and receipts is dear to load, and most sessions begin without either; it is loaded before long all the
// same, because a newer hoopctl may take the files of a session that runs away.
function onceAsked<Args extends readonly unknown[], Result>(
  load: () => Promise<(...args: Args) => Promise<Result>>,
): (...args: Args) => Promise<Result> {
  let loaded: ReturnType<typeof load> | null = null
  const get = () => (loaded ??= load())
  setTimeout(() => void get().catch(() => undefined), LOADED_AFTER_MS).unref() // whoever asks is told why
  return async (...args) => (await get())(...args)
}
