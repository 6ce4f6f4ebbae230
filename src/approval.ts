import type { Subject } from './subject.ts'

/** How it is shown that a person answered, the weakest first (docs/design.md, "Approvals"). */
export const PROOFS = ['terminal', 'key', 'oidc'] as const
export type ProofKind = (typeof PROOFS)[number]

/** Whom something is for: everyone who may use the policy, or whoever is in any of the groups or has any of the emails. */
export type Who = 'everyone' | { readonly groups: readonly string[]; readonly emails: readonly string[] }

/** What one `ask` rule wants before a call that it matches is sent. Times in milliseconds. */
export interface AskTerms {
  /** null: whoever the proof shows. */
  readonly by: Who | null
  readonly notSelf: boolean
  /** How many people must say yes. */
  readonly count: number
  readonly proof: ProofKind
  /** `type`: a word of the call is typed; `key`: one key is enough. */
  readonly confirm: 'key' | 'type'
  /** How long the client's request is held open. */
  readonly waitMs: number
  readonly onTimeout: 'deny' | 'queue'
  /** How long a question lives, from when it was asked. */
  readonly timeoutMs: number
  /** How long an answer lives, until it is used. */
  readonly validMs: number
  /** May the person edit the arguments? */
  readonly edit: boolean
  /** How often, and for how long, one answer may cover the same call again in its session; null: never. */
  readonly remember: { readonly count: number; readonly forMs: number } | null
  /** Shown to the person who answers. */
  readonly message: string | null
}

/** What all `ask` rules that matched one call want together: the strongest proof, the shortest times, `deny` before `queue`. */
export interface Demand extends Omit<AskTerms, 'by' | 'notSelf' | 'count' | 'message'> {
  /** Each rule's own people, met by its own answers; never empty. One person counts for each rule that names them. */
  readonly each: readonly (Pick<AskTerms, 'by' | 'notSelf' | 'count'> & { readonly rule: string })[]
  readonly messages: readonly string[]
}

/** A wrapped server's identity, as far as an answer is bound to it. */
export interface ServerIdentity {
  /** The name in the policy; null for a wrapped command that the policy does not name. */
  readonly name: string | null
  /** The resolved path of its command; null where there is none. */
  readonly command: string | null
  /** SHA-256 of that file; null where it could not be read. */
  readonly sha256: string | null
  /** SHA-256 of its arguments as a JSON list. */
  readonly args: string
  /** Where it works, as an absolute path: the same words may mean other files elsewhere. null where nothing runs. */
  readonly cwd: string | null
}

/** Who asks, as far as an answer is bound to it. */
export type Requester = Pick<Subject, 'issuer' | 'sub'>

/** A call as it is approved: what the call digest covers. */
export interface AskedCall {
  readonly server: ServerIdentity
  /** SHA-256 of the tool's definition in canonical form; null for what is no tool, or has none. */
  readonly definition: string | null
  readonly method: string
  /** The JSON text of `params`, as it came. */
  readonly params: string
  readonly requester: Requester
}

/** What a challenge covers. */
export interface Challenged {
  /** The call digest. */
  readonly call: string
  /** The approval's id: `A-7K2P9QXM`. */
  readonly approval: string
  /** The public key of the device that asks, `ed25519:…`. */
  readonly device: string
  /** 32 random bytes of that device, base64url. */
  readonly random: string
  /** RFC 3339 in UTC: from then on no answer to it counts. */
  readonly expires: string
  /** Only in an answer that is to cover the same call again: how often in all, and until when (RFC 3339). */
  readonly remember: Remembering | null
  /** Only in an answer that changes the arguments: their JSON text, as it is to be sent. */
  readonly edited?: { readonly arguments: string } | null
}

export interface Remembering {
  readonly count: number
  readonly until: string
}

/** A question put to people about one call: all that they must see, and all that an answer is checked against. */
export interface Question extends AskedCall, Omit<Challenged, 'remember' | 'edited'> {
  readonly format: 'hoopctl-question/1'
  readonly challenge: string
  /** All times RFC 3339 in UTC. `heldUntil`: so long the client's request is held open. */
  readonly asked: string
  readonly heldUntil: string
  /** The end of the question's life; its answers may be used until `expires`, which is `valid` later. */
  readonly answerBy: string
  readonly session: string
  /** The policy by which it asked: `key` as activations name it. */
  readonly policy: {
    readonly key: string
    readonly name: string
    readonly version: number | null
    readonly digest: string
    readonly signed: boolean
  }
  /** The server as people read it. */
  readonly label: string
  /** The tool's definition as a canonical text; null where there is none. `definition` is its digest. */
  readonly definitionText: string | null
  readonly demand: Demand
  readonly rules: readonly string[]
  readonly reasons: readonly string[]
  /** What follows is the requester's word. */
  readonly claims: {
    readonly subject: Omit<Subject, 'claims'>
    readonly client: { readonly name: string; readonly version: string } | null
    readonly grants: readonly string[]
    /** How many calls the session had decided before this one. */
    readonly calls: number
    /** What the model called just before, the latest last. */
    readonly earlier: readonly { readonly at: string; readonly what: string; readonly effect: string }[]
    /** Something to know: the same call may have happened already. */
    readonly note: string | null
  }
}

/** How one person's yes is proven. */
export type ReceiptProof =
  /** Somebody at a terminal of this user; signed by the device key over the challenge, base64url. */
  | { readonly kind: 'terminal'; readonly user: string; readonly signature: string }
  /** An SSH signature over the challenge: `key` as in an authorized_keys file, `signature` armored (PROTOCOL.sshsig). */
  | { readonly kind: 'key'; readonly key: string; readonly signature: string }
  /** A fresh sign-in whose `nonce` is the challenge, and the issuer's key that verifies it. */
  | {
      readonly kind: 'oidc'
      readonly idToken: string
      readonly jwk: Readonly<Record<string, unknown>>
    }

/** One person's yes. Only yes is signed. */
export interface Receipt {
  readonly format: 'hoopctl-approval/1'
  readonly answer: 'approve'
  readonly call: string
  readonly approval: string
  readonly device: string
  readonly random: string
  readonly expires: string
  /** A held call's answer counts in its session only; a queued one's in any session of that requester on that device. */
  readonly binds: { readonly session: string } | { readonly requester: Requester }
  /** The JSON text of the arguments that are to be sent in place of the model's; `call` is then the digest with them. */
  readonly edited: { readonly arguments: string } | null
  readonly remember: Remembering | null
  /** When it was given, by the clock of whoever gave it: RFC 3339 in UTC. */
  readonly at: string
  readonly proof: ReceiptProof
}

/** What somebody answered. A no needs no proof: it can only withhold. */
export type Answer =
  | { readonly kind: 'approve'; readonly receipt: Receipt }
  | {
      readonly kind: 'deny'
      readonly approval: string
      /** Who says so, as they call themselves. */
      readonly by: string
      /** For the model; null: none. */
      readonly message: string | null
      readonly at: string
    }

/** Who gave a receipt, once its proof was verified. */
export interface Approver {
  readonly issuer: string
  readonly sub: string
  readonly email: string | null
  readonly groups: readonly string[]
  /** When they showed who they are, where the proof says it. */
  readonly authTime: string | null
}
