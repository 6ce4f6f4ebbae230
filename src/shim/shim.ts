import type { SessionLog } from '../audit/session-log.ts'
import type { Circumstances } from '../decision.ts'
import type { Subject } from '../subject.ts'
import type { ServerIdentity } from '../approval.ts'
import type { ApprovalDesk } from './approval-desk.ts'
import type { Definitions } from './definitions.ts'
import type { DroppedNotifications } from './dropped.ts'
import type { EvidenceCheck } from './evidence-limit.ts'
import type { ListenFilter, OpenExchanges } from './exchanges.ts'
import type { HeldCalls } from './held-calls.ts'
import type { CallLimits } from './limits.ts'
import type { Id } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Authority, Standing } from './standing.ts'
import type { Tasks } from './tasks.ts'

/** One end of the data path: takes whole messages, writes a line each. */
export interface Peer {
  send(message: Uint8Array | string): void
}

/** What one session of `wrap` knows. The steps of the data path are functions over it. */
export interface Shim {
  readonly authority: Authority
  /** Who asks and what holds, as of the message that is treated now. */
  standing: Standing
  /** Whose session it is: who signed in last, also after they signed out. */
  owner: Subject | null
  /** `label` is what people read: the name in the policy, else the command's last segment. */
  readonly server: {
    readonly name: string | null
    readonly label: string
    readonly caseSensitiveArguments: boolean
    /** What answers about its calls are bound to. */
    readonly identity: ServerIdentity
  }
  /** Where people are asked; null: the policy never asks, the authority is not ready, or the shared state cannot be read. */
  readonly desk: ApprovalDesk | null
  readonly held: HeldCalls
  /** Does work that no message brought: after it, what it staged is sent. */
  readonly later: (work: () => void) => void
  readonly log: SessionLog
  readonly outbox: Outbox
  limits: CallLimits
  /** null: no policy of this session asks that its log reaches anybody. */
  readonly evidence: EvidenceCheck | null
  /** Requests of the client, and hoopctl's own, that the server has not answered. */
  readonly fromClient: OpenExchanges
  /** Requests of the server that the client has not answered. */
  readonly fromServer: OpenExchanges
  readonly tasks: Tasks
  /** Tasks that the client made for the server's requests. */
  readonly clientTasks: Set<string>
  /** Addresses of `resources/subscribe` that were allowed. */
  readonly subscribed: Set<string>
  /** Templates that a list of the server has shown: only those are completed. */
  readonly templates: Set<string>
  /** Elicitations that were let through and may be told complete. */
  readonly elicitations: Set<string>
  /** `subscriptions/listen` streams that hoopctl serves because the server does not. */
  readonly served: Map<Id, ListenFilter>
  readonly dropped: DroppedNotifications
  readonly definitions: Definitions
  /** Calls that wait until the server has listed its tools, and ids for hoopctl's own requests. */
  readonly listing: { readonly waiting: (() => void)[]; nextId(): string }
  readonly client: Peer
  readonly child: Peer
  /** Writes one line for the person who reads stderr; control characters are made visible. */
  readonly say: (line: string) => void
  readonly clock: { now(): Date /** Monotonic. */; ms(): number }
  readonly progress: Progress
  /** Ends this session's log and begins another: from now on somebody else is asking. */
  readonly renew: (next: Standing) => void
  readonly onStanding: (standing: Standing, session: string) => void
}

/** What changes while a session runs. */
export interface Progress {
  /** Why there is no server, once there is none: `ended` once hoopctl ends with it, else a person may mend it. */
  absent: { readonly why: string; readonly ended: boolean } | null
  /**
   * Ends the handshake that hoopctl makes itself, so that the client waits for it no longer and hears why, and what helps
   * (null: nothing, hoopctl ends). null: none is open.
   */
  giveUpGreeting: ((why: string, help: string | null) => void) | null
  client: { readonly name: string; readonly version: string } | null
  /** Has the client asked something, or was the handshake made that it asked for before this session? */
  begun: boolean
  /** Was it said once what a server that prints no messages does wrong? */
  strayTold: boolean
  /** Did the client send `initialize`, as until 2025-11-25? */
  handshake: boolean
  /** Did it send `notifications/initialized`, so that it may be told of changes? */
  initialized: boolean
  /** The capabilities that the server has and the client was told of. */
  readonly announced: Set<string>
  exchanges: number
  /** Governed calls that were decided. */
  calls: number
  allowed: number
  asked: number
  denied: number
}

// Without a sign-in no rule is in force, so no condition ever looks at this.
const NOBODY: Subject = { issuer: '', sub: '', email: null, groups: [], kind: 'human', claims: {} }

/** Numbers the next exchange, of either side. */
export function nextExchange(shim: Shim): number {
  shim.progress.exchanges += 1
  return shim.progress.exchanges
}

/**
 * What a decision now may depend on besides the call.
 * @param client who asked, where that was before now: a held call is judged for whoever sent it
 */
export function circumstances(shim: Shim, client = shim.progress.client): Circumstances {
  const { standing, server, log, progress, clock } = shim
  return {
    subject: standing.subject ?? NOBODY,
    client,
    server: server.name,
    session: { id: log.session, calls: progress.calls },
    now: clock.now(),
  }
}
