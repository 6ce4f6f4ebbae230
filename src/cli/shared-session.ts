import { HoopctlError } from '../errors.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { ApprovalDesk } from '../shim/approval-desk.ts'
import type { ActivationFeed, SubjectFeed } from '../shim/feeds.ts'
import { SharedActivations } from '../shim/shared-activations.ts'
import { SharedApprovals } from '../shim/shared-approvals.ts'
import { SignInFeed } from '../shim/sign-in-feed.ts'
import type { Standing } from '../shim/standing.ts'
import { openSharedState } from '../state/shared-state.ts'
import { receiptChecker } from './approvals/receipt-checker.ts'
import type { Context } from './context.ts'
import { proofChecker } from './proof-checker.ts'
import { RegisteredShim } from './registered-shim.ts'
import { sealKeyOf } from './seal-key.ts'
import type { Wrapped } from './session-authority.ts'
import { RunningSignIn } from './sign-in-source.ts'

/** What a session shares with other processes: sign-ins, activations, and that it runs. */
export interface SharedSession {
  readonly activations: ActivationFeed
  readonly desk: ApprovalDesk
  /** Reads who is signed in, and hears of sign-ins. */
  signedIn(identity: IdentitySettings): Promise<SubjectFeed>
  /** Tells other commands what holds in this session. */
  tell(standing: Standing, session: string): void
  close(): void
}

/** Opens what a session shares with other processes; null, and told, where that cannot be read: then nothing is active. */
export function openSharedSession(wrapped: Wrapped, context: Context): SharedSession | null {
  const { device, say } = wrapped
  const { state, run } = context.directories()
  try {
    const shared = openSharedState(state, run)
    const check = proofChecker(context)
    const registered = new RegisteredShim(shared, wrapped, context.now)
    const desk = new SharedApprovals(shared, {
      key: sealKeyOf(device),
      pid: process.pid,
      now: context.now,
      check: receiptChecker(() => wrapped.policy.current().policy, context),
      say,
    })
    return {
      desk,
      activations: new SharedActivations(shared, { key: sealKeyOf(device), now: context.now, check, say }),
      signedIn: async (identity) => {
        const feed = new SignInFeed(new RunningSignIn(identity, shared, context), identity, context.now)
        // Before the client's first message: it reads instructions once, and the first record says who asks.
        await feed.read()
        return feed
      },
      tell: (standing, session) => registered.tell(standing, session),
      close: () => {
        registered.end()
        shared.close()
      },
    }
  } catch (failure) {
    if (!(failure instanceof HoopctlError)) throw failure
    say(`nothing that was requested is active: ${failure.message} (${failure.hint})`)
    return null
  }
}
