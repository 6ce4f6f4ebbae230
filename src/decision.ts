import type { Demand } from './approval.ts'
import type { Subject } from './subject.ts'

/** What happens to one message. `deny` is stronger than `ask`, `ask` stronger than `allow`. */
export type Effect = 'allow' | 'ask' | 'deny'

/** The outcome for one message, with what led to it. */
export interface Decision {
  readonly effect: Effect
  /** The rules that led to it, as people cite them: `rules[3]`, `rules.no-ddl`, `grants.orders-read.rules[0]`. */
  readonly rules: readonly string[]
  /** One short clause for people and logs: `all allow`, `one denies`, `no rule in force covers the tool …`. */
  readonly why: string
  /** The `reason` texts of those rules, in the same order, without the absent ones. */
  readonly reasons: readonly string[]
  /** What the rules that ask want; there for `ask` only. */
  readonly demand?: Demand
}

/** The four things that a server may ask of a client; the names of the `serverRequest` matcher. */
export const SERVER_REQUESTS = ['sampling', 'elicitation.form', 'elicitation.url', 'roots'] as const
export type ServerRequest = (typeof SERVER_REQUESTS)[number]

/** What a server claims about a tool. Policy may read it, never trust it alone. Absent hints have the protocol's defaults. */
export interface ToolAnnotations {
  readonly title: string
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
  readonly openWorldHint: boolean
}

/**
 * One thing that is decided on. `args` and `request` are JSON texts, because numbers must reach a condition exactly as
 * they were written; they are parsed only when a condition reads them. `annotations` is null while nobody knows them.
 */
export type Call =
  | {
      readonly kind: 'tool'
      readonly name: string
      readonly args: string
      readonly annotations: ToolAnnotations | null
    }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'prompt'; readonly name: string; readonly args: string }
  | { readonly kind: 'serverRequest'; readonly name: ServerRequest; readonly request: string }

/** What an entry of a list is about. What depends on arguments is unknown here. */
export type Listed =
  | { readonly kind: 'tool'; readonly name: string; readonly annotations: ToolAnnotations | null }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'resourceTemplate'; readonly uriTemplate: string }
  | { readonly kind: 'prompt'; readonly name: string }

/** What a decision may depend on besides the call: who, from where, when. */
export interface Circumstances {
  readonly subject: Subject
  /** As the client calls itself; null before it has said so. */
  readonly client: { readonly name: string; readonly version: string } | null
  /** The server's name in the policy; null for a wrapped command that the policy does not name. */
  readonly server: string | null
  /** `calls`: governed calls that this session has decided before this one. */
  readonly session: { readonly id: string; readonly calls: number }
  readonly now: Date
}
