import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import type { SessionLog } from '../audit/session-log.ts'
import { grantNames, rulesInForce } from '../policy/rules-in-force.ts'
import type { Policy } from '../policy/policy.ts'
import type { Pins } from '../pins.ts'
import type { ContextBody } from '../records.ts'
import type { Subject } from '../subject.ts'
import type { Child } from './child.ts'
import type { Command } from './command.ts'
import { Definitions } from './definitions.ts'
import { DroppedNotifications } from './dropped.ts'
import { OpenExchanges } from './exchanges.ts'
import { CallLimits } from './limits.ts'
import { Outbox } from './outbox.ts'
import type { Peer, Progress, Shim } from './shim.ts'
import { Tasks } from './tasks.ts'

/** What a session is made of; everything that it touches is handed in. */
export interface SessionOptions {
  readonly policy: Policy
  readonly subject: Subject
  readonly server: Shim['server']
  readonly command: Command
  /** The server, which is starting; null where its command does not exist. */
  readonly child: Child | null
  readonly log: SessionLog
  readonly pins: Pins
  readonly client: { readonly stdin: Readable; readonly stdout: Writable }
  readonly now: () => Date
  /** Writes one line of hoopctl's own to stderr. */
  readonly say: (line: string) => void
  /** Writes one line of the server's stderr. */
  readonly passStderr: (line: string) => void
  /** Calls back when a signal asks hoopctl to end. */
  readonly onSignal: (ask: (signal: NodeJS.Signals) => void) => void
}

/** Makes what a session knows, and records in what context it begins. */
export function newShim(options: SessionOptions, client: Peer, child: Peer): Shim {
  const { policy, subject, server, log, pins, say, now } = options
  const outbox = new Outbox(log)
  outbox.note(startContext(options), null)
  const ownIds = `hoopctl-${randomBytes(8).toString('hex')}`
  let ownRequests = 0
  return {
    policy,
    rules: rulesInForce(policy, server.name),
    subject,
    server,
    log,
    outbox,
    limits: new CallLimits(policy.limits),
    fromClient: new OpenExchanges(),
    fromServer: new OpenExchanges(),
    tasks: new Tasks(),
    clientTasks: new Set(),
    subscribed: new Set(),
    templates: new Set(),
    elicitations: new Set(),
    served: new Set(),
    dropped: new DroppedNotifications(),
    definitions: new Definitions(pins, say),
    listing: { waiting: [], nextId: () => `${ownIds}-${++ownRequests}` },
    client,
    child,
    say,
    clock: { now, ms: () => performance.now() },
    progress: noProgress(),
  }
}

function noProgress(): Progress {
  return {
    absent: null,
    client: null,
    strayTold: false,
    handshake: false,
    exchanges: 0,
    calls: 0,
    allowed: 0,
    asked: 0,
    denied: 0,
  }
}

function startContext({ policy, subject, server, now }: SessionOptions): ContextBody {
  const { issuer, sub, email, groups, kind } = subject
  const { name, version, digest, signed } = policy
  const started = now().toISOString()
  const grants = grantNames(policy, server.name).map((grant) => {
    return { name: grant, mode: 'session', started, expires: null, reason: null }
  })
  return {
    kind: 'context',
    cause: 'start',
    subject: { issuer, sub, email, groups, kind },
    client: null,
    policy: { name, version, digest, signed },
    grants,
  }
}
