import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { monotonicMs } from '../audit/monotonic.ts'
import type { RenewableLog } from '../audit/renewable-log.ts'
import type { Pins } from '../pins.ts'
import type { Child } from './child.ts'
import type { Command } from './command.ts'
import type { ApprovalDesk } from './approval-desk.ts'
import { Definitions } from './definitions.ts'
import { DroppedNotifications } from './dropped.ts'
import type { EvidenceCheck } from './evidence-limit.ts'
import { OpenExchanges } from './exchanges.ts'
import { HeldCalls } from './held-calls.ts'
import { CallLimits } from './limits.ts'
import { Outbox } from './outbox.ts'
import { renewSession } from './renew-session.ts'
import type { Peer, Progress, Shim } from './shim.ts'
import type { Authority, Standing } from './standing.ts'
import { startContext } from './take-up.ts'
import { Tasks } from './tasks.ts'

/** What a session is made of; everything that it touches is handed in. */
export interface SessionOptions {
  readonly authority: Authority
  readonly server: Shim['server']
  readonly command: Command
  /** The server, which is starting; null where its command does not exist. */
  readonly child: Child | null
  readonly log: RenewableLog
  /** Holds calls to what the policy demands of the upload of this log; null: no policy of this session demands anything. */
  readonly evidence: EvidenceCheck | null
  readonly pins: Pins
  /** Where people are asked, once the authority is ready; null where nobody can be. */
  readonly desk: () => ApprovalDesk | null
  /** Calls back when an answer of a person may have come; returns how to stop that. */
  readonly onAnswer: (call: () => void) => () => void
  readonly client: { readonly stdin: Readable; readonly stdout: Writable }
  /** Makes up for a handshake that was answered before this session; then `done`. null: the client's first line is yet to come. */
  readonly greet: ((shim: Shim, done: () => void) => void) | null
  readonly now: () => Date
  /** Is told who asks and what holds in which session: at the start, and at each change. */
  readonly onStanding: (standing: Standing, session: string) => void
  /** Writes one line of hoopctl's own to stderr. */
  readonly say: (line: string) => void
  /** Writes one line of the server's stderr. */
  readonly passStderr: (line: string) => void
  /** Calls back when a signal asks hoopctl to end. */
  readonly onSignal: (ask: (signal: NodeJS.Signals) => void) => void
}

/** Makes what a session knows, and records in what context it begins. */
export function newShim(options: SessionOptions, client: Peer, child: Peer, later: Shim['later']): Shim {
  const { authority, server, log, pins, say, now, onStanding } = options
  const outbox = new Outbox(log)
  const standing = authority.current({ client: null, session: { id: log.session, calls: 0 } })
  noteStart(standing, outbox, options)
  const shim: Shim = {
    authority,
    standing,
    owner: standing.subject,
    server,
    get desk() {
      return options.desk()
    },
    held: new HeldCalls(),
    later,
    log,
    outbox,
    limits: new CallLimits(),
    evidence: options.evidence,
    fromClient: new OpenExchanges(),
    fromServer: new OpenExchanges(),
    tasks: new Tasks(),
    clientTasks: new Set(),
    subscribed: new Set(),
    templates: new Set(),
    elicitations: new Set(),
    served: new Map(),
    dropped: new DroppedNotifications(),
    definitions: new Definitions(pins, say),
    listing: { waiting: [], nextId: ownIds() },
    client,
    child,
    say,
    clock: { now, ms: monotonicMs },
    progress: noProgress(),
    renew: (next) => renewSession(shim, log, next),
    onStanding,
  }
  return shim
}

function noteStart(standing: Standing, outbox: Outbox, { log, onStanding }: SessionOptions): void {
  outbox.note(startContext(standing), null)
  onStanding(standing, log.session)
}

function ownIds(): () => string {
  const ids = `hoopctl-${randomBytes(8).toString('hex')}`
  let made = 0
  return () => `${ids}-${++made}`
}

function noProgress(): Progress {
  return {
    absent: null,
    giveUpGreeting: null,
    client: null,
    begun: false,
    strayTold: false,
    handshake: false,
    initialized: false,
    announced: new Set(),
    exchanges: 0,
    calls: 0,
    allowed: 0,
    asked: 0,
    denied: 0,
  }
}
