import type { Approver, Demand, Receipt } from './approval.ts'
import type { Effect } from './decision.ts'
import type { Subject } from './subject.ts'

// The records of a session log, without the members that the log itself adds (`seq`, `at`, `prev`) and without those
// that describe a message's bytes (`bytes`, `sha256`, `message` or `head`). docs/session-log.md describes each field.

/** What cannot change during a session. The log adds `format`, `session`, `device`, `number`, `previous`. */
export interface HeaderBody {
  readonly hoopctl: string
  readonly host: string
  readonly osUser: string
  readonly server: {
    /** The server's name in the policy; null for a command that the policy does not name. */
    readonly name: string | null
    /** The resolved command and its arguments; passwords in URLs are removed before they come here. */
    readonly command: readonly string[]
    /** SHA-256 of the command's file; null where it could not be read. */
    readonly sha256: string | null
  }
}

/** What can change: written whole at the start, later only the members that changed. */
export interface ContextBody {
  readonly kind: 'context'
  readonly cause: string
  /** null: nobody is signed in. */
  readonly subject?: Omit<Subject, 'claims'> | null
  readonly client?: { readonly name: string; readonly version: string } | null
  readonly policy?: {
    readonly name: string
    readonly version: number | null
    readonly digest: string
    readonly signed: boolean
  }
  readonly grants?: readonly {
    readonly name: string
    readonly mode: string
    readonly started: string
    readonly expires: string | null
    readonly reason: string | null
  }[]
}

export type Side = 'client' | 'server' | 'hoopctl'

export interface RequestBody {
  readonly kind: 'request'
  readonly from: Side
  /** Counts the requests of either side from 1. */
  readonly exchange: number
  readonly method: string
  readonly tool?: string
  readonly resource?: string
  readonly prompt?: string
  readonly task?: string
  readonly decision: { readonly effect: Effect; readonly rules: readonly string[]; readonly why: string }
  readonly changed?: Changed
  /** Names and sizes (bytes) of answers to elicitations, which are recorded without their values. */
  readonly answers?: Readonly<Record<string, number>>
  /** With `answers`: the JSON text of the params without them, in place of the message. */
  readonly params?: string
}

export interface ResponseBody {
  readonly kind: 'response'
  readonly from: Side
  readonly exchange: number
  /** Microseconds from the request's arrival to this answer's. */
  readonly tookUs: number
  readonly isError?: boolean
  /** There only when what was forwarded differs from what came. */
  readonly changed?: Changed
  readonly answers?: Readonly<Record<string, number>>
}

/** How what was forwarded differs from what came. */
export interface Changed {
  /** Names or addresses of list entries that were taken out. */
  readonly hidden?: readonly string[]
  /** Why the message was replaced by an error, or which members were rewritten. */
  readonly why?: string
  readonly received: { readonly bytes: number; readonly sha256: string }
}

export interface NotificationBody {
  readonly kind: 'notification'
  readonly from: Side
  readonly method: string
  /** Absent when it was passed on. */
  readonly decision?: { readonly effect: 'deny'; readonly rules: readonly string[]; readonly why: string }
  readonly changed?: Changed
}

/** A line that was no message, or a message that no exchange could take. `bytes`, `sha256` and `head` are of what came. */
export interface RefusedBody {
  readonly kind: 'refused'
  readonly from: Side
  readonly why: string
}

/** What became of a call that was asked about: written before the call is sent or denied. */
export interface DecisionBody {
  readonly kind: 'decision'
  readonly exchange: number
  readonly effect: Effect
  readonly rules: readonly string[]
  readonly approval: string | null
  readonly why: string
  readonly sent: { readonly bytes: number; readonly sha256: string } | null
}

/** What an `ask` wants, as the log tells it: of several rules each in `each`. */
export interface DemandBody extends Pick<Demand, 'proof' | 'confirm'> {
  readonly by?: Demand['each'][number]['by']
  readonly notSelf?: boolean
  readonly count?: number
  readonly each?: Demand['each']
}

/** What became of a question that was put to people about one call. */
export interface ApprovalBody {
  readonly kind: 'approval'
  readonly exchange: number
  /** The approval's id. */
  readonly approval: string
  /**
   * `waiting`: it was asked, or still waits; `approved`: this receipt holds; `refused`: that one does not; `denied`;
   * `queued`: nobody waits any more, and the same call may come again; `withdrawn`; `expired`; `remembered`: an answer
   * that covers the same call again was used.
   */
  readonly state:
    | 'waiting'
    | 'approved'
    | 'refused'
    | 'denied'
    | 'queued'
    | 'withdrawn'
    | 'expired'
    | 'remembered'
  /** Digests: of the tool's definition, of the call, of the challenge. */
  readonly definition?: string | null
  readonly call?: string
  readonly challenge?: string
  readonly demand?: DemandBody
  readonly heldUntil?: string
  readonly expires?: string
  readonly receipt?: Receipt
  /** Who gave the receipt; of a denial, who says that they denied. */
  readonly by?: Approver | string
  /** What the person who denied it wrote for the model. `message` is the name of a message's bytes. */
  readonly text?: string | null
  readonly why?: string
}

export type RecordBody =
  | ContextBody
  | ApprovalBody
  | RequestBody
  | ResponseBody
  | NotificationBody
  | RefusedBody
  | DecisionBody

/** What a destination of the upload was seen to hold, as a checkpoint tells it. */
export interface ConfirmedObject {
  /** Whose log it is a part of: this session, or one that ended before anything could be told in it. */
  readonly session: string
  /** The destination's URL. */
  readonly to: string
  /** The object's name there. */
  readonly key: string
  readonly bytes: number
  readonly sha256: string
  /** As the destination tells them; null: it does not. */
  readonly etag: string | null
  readonly version: string | null
  /** When it was read back. */
  readonly at: string
}

/** How a session ended. */
export interface FooterBody {
  readonly end:
    | 'client-closed'
    | 'server-exited'
    | 'server-not-started'
    | 'signal'
    | 'failed'
    | 'subject-changed'
  readonly exitCode: number
  readonly exchanges: number
  readonly allowed: number
  readonly asked: number
  readonly denied: number
}

/** What a policy says of recording; `audit` in the policy file. */
export interface AuditSettings {
  /** `process` survives kill -9; `disk` is fsync-ed before anything is forwarded and survives a power cut. */
  readonly durability: 'process' | 'disk'
  readonly payloads: {
    /** Messages above so many bytes are recorded by digest, with their first part as text. */
    readonly maxBytes: number
    readonly requests: 'whole' | 'digest'
    readonly results: 'whole' | 'digest'
  }
  /** How long sessions are kept; null: for ever. */
  readonly retainMs: number | null
}
