/** Facts about a session that its header holds. What a log does not say, or says in no form that it could have, is null. */
export interface SessionFacts {
  readonly session: string | null
  readonly number: number | null
  readonly started: string | null
  readonly hoopctl: string | null
  readonly host: string | null
  readonly osUser: string | null
  readonly device: string | null
  /** The server's name in the policy, else the first word of its command. */
  readonly server: string | null
}

/** Who was at work, by which policy, with which grants: as of one moment. */
export interface Circumstances {
  readonly issuer: string | null
  readonly sub: string | null
  readonly email: string | null
  readonly groups: readonly string[]
  /** `human` or `workload`. */
  readonly kind: string | null
  readonly client: string | null
  readonly clientVersion: string | null
  readonly policy: string | null
  readonly policyVersion: number | null
  readonly policyDigest: string | null
  /** The names of those that were active. */
  readonly grants: readonly string[]
}

/** An active grant, as a `context` record tells of it. */
export interface GrantFacts {
  readonly name: string | null
  /** `session`: active with it, by itself; `request`: the subject asked for it. */
  readonly mode: string | null
  readonly started: string | null
  /** null: it ends with its session. */
  readonly expires: string | null
  readonly reason: string | null
}

/** What one `context` record says: at the start, and at each change. */
export interface ContextFacts {
  readonly seq: number | null
  readonly at: string | null
  readonly cause: string | null
  /** Which of `subject`, `client`, `policy`, `grants` it is about. */
  readonly members: readonly string[]
  /** Who was at work from then on, by which policy. */
  readonly circumstances: Circumstances
  /** Is its policy signed? null: it does not say. */
  readonly signed: boolean | null
  readonly grants: readonly GrantFacts[]
}

/** What was asked. */
export interface Asked {
  /** Which record of the log the request is. */
  readonly seq: number | null
  readonly exchange: number | null
  readonly at: string | null
  /** `client`, `server` or `hoopctl`. */
  readonly from: string | null
  readonly method: string | null
  readonly tool: string | null
  readonly resource: string | null
  readonly prompt: string | null
  readonly task: string | null
  /** What was decided when it came: `allow`, `ask` or `deny`. */
  readonly effect: string | null
  readonly rules: readonly string[]
  readonly why: string | null
  readonly requestBytes: number | null
  readonly requestSha256: string | null
  /** Their JSON text as it stands in the log, with all digits; null: there are none, or the log has only their digest. */
  readonly arguments: string | null
}

/**
 * `answered`; `unanswered`: sent, and the other side gave no answer; `denied`: not sent; `queued`: not sent, and people may
 * still answer the question, for the same call when it comes again; `waiting`: not sent, the log ends or the client went away
 * while people were asked.
 */
export type Outcome = 'answered' | 'unanswered' | 'denied' | 'queued' | 'waiting'

/** What became of it. */
export interface Ended {
  readonly outcome: Outcome
  /** Why it was sent or refused after people had been asked; null: nobody was. */
  readonly outcomeWhy: string | null
  readonly approval: string | null
  /** The last that is told of the question: `approved`, `denied`, `queued`, … */
  readonly approvalState: string | null
  /** Who gave the receipts, by email, else `sub`; of a denial, as whoever denied calls themselves. */
  readonly approvers: readonly string[]
  /** How each of them showed it: `terminal`, `key` or `oidc`; of a denial nothing. */
  readonly proofs: readonly string[]
  /** The JSON text of the arguments that an approver put in place of those that came. */
  readonly edited: string | null
  readonly answeredAt: string | null
  /** Microseconds from the request's arrival to its answer's. */
  readonly tookUs: number | null
  /** Whether the answer is an error; null: there is none, or the log does not say. */
  readonly isError: boolean | null
  readonly resultBytes: number | null
  readonly resultSha256: string | null
}

/** The answer's text, for showing it: the message, or its first part where the log has no more. */
export interface AnswerText {
  readonly text: string
  readonly whole: boolean
}

/** One exchange, with all that its log tells of it. */
export interface ExportedCall {
  readonly session: SessionFacts
  readonly circumstances: Circumstances
  readonly asked: Asked
  readonly ended: Ended
  readonly answer: AnswerText | null
}

/**
 * What an export is made of, in this order: the session once, its contexts as they come and its exchanges as they end, and
 * what is to be said at last.
 */
export type ExportItem =
  | { readonly item: 'session'; readonly session: SessionFacts }
  | { readonly item: 'context'; readonly context: ContextFacts }
  | { readonly item: 'call'; readonly call: ExportedCall }
  | { readonly item: 'end'; readonly end: LogEnd }

/** What stands in a log beside its exchanges. */
export interface LogEnd {
  /** How the session ended, as the footer says; null: there is no footer. */
  readonly end: string | null
  readonly at: string | null
  readonly calls: number
  /** Lines and notifications that were refused: no exchanges, and so not exported. */
  readonly refused: number
  /** Lines that are no record of this format. */
  readonly unreadable: number
  /** Requests whose number is taken, and decisions and answers for no open exchange. */
  readonly unmatched: number
}
