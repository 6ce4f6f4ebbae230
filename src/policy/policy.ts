import type { AskTerms, ProofKind, Who } from '../approval.ts'
import type { IdentitySettings } from '../identity-settings.ts'
import type { AuditSettings } from '../records.ts'
import type { Secret } from '../secret.ts'
import type { AuthorizedKey } from './authorized-key.ts'
import type { Condition } from './condition.ts'
import type { Rule } from './rule.ts'

/** A policy that was read, validated and compiled. Immutable. */
export interface Policy {
  readonly name: string
  readonly version: number | null
  /** From then on the policy must not be used; null: never. */
  readonly expires: Date | null
  /** SHA-256 of the file's bytes. */
  readonly digest: string
  readonly path: string
  /** Local files are not signed: every surface says so. */
  readonly signed: boolean
  /** How often a central policy is looked for anew, in milliseconds. */
  readonly refreshMs: number
  /** How long a copy counts without any contact with its source, in milliseconds. */
  readonly maxStaleMs: number
  /** May `wrap -- COMMAND` be used? Where the policy does not say: `deny` if it is signed, else `allow`. */
  readonly unlisted: 'allow' | 'deny'
  /** null: nobody signs in, the subject is the OS user. */
  readonly identity: IdentitySettings | null
  /** What the claims of a sign-in mean; null where nobody signs in. */
  readonly claims: ClaimRules | null
  /** Loads what its conditions need to be judged, and before that they fail; null: they can be judged now. */
  readonly ready: (() => Promise<void>) | null
  readonly servers: ReadonlyMap<string, Server>
  readonly grants: readonly Grant[]
  readonly rules: readonly Rule[]
  /** Whose keys count as whose answer. */
  readonly people: readonly Person[]
  readonly approvals: ApprovalSettings
  readonly limits: Limits
  readonly audit: AuditSettings
  /** Where session logs are sent. Under an unsigned policy directories only. */
  readonly uploads: readonly UploadPlace[]
  /** URLs of destinations that it names and that are not used, because it is not signed. */
  readonly unusedUploads: readonly string[]
  readonly uploadTerms: UploadTerms
}

/** What holds while session logs wait to be sent. */
export interface UploadTerms {
  /** Calls are denied while something waits and a destination confirmed nothing for so long, in milliseconds; null: never. */
  readonly requiredMs: number | null
  /** How long the end of a session waits for what was written last to be sent, in milliseconds. */
  readonly waitMs: number
  /** How much may wait, and what becomes of calls while more does; null: any amount. */
  readonly spool: { readonly maxBytes: number; readonly onFull: 'warn' | 'deny' } | null
}

/** A wrapped MCP server, as the policy names it. */
export interface Server {
  readonly name: string
  /** null: this entry holds rules only, for `wrap --server NAME -- COMMAND`. */
  readonly run: Run | null
  /** Sibling keys inside `arguments` may differ in case only. */
  readonly caseSensitiveArguments: boolean
}

/** How a server is started. */
export interface Run {
  /** Absolute, or a bare name that is looked up in `path`. */
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Names of variables that are passed on beside the short list. */
  readonly passEnv: readonly string[]
  /** Absolute; null: hoopctl's own working directory. */
  readonly cwd: string | null
  /** Absolute directories; null: the standard ones. */
  readonly path: readonly string[] | null
  /** SHA-256 that the command's file must have; null: any. */
  readonly sha256: string | null
}

/** What the claims of a sign-in mean: the policy's part of `identity`. */
export interface ClaimRules {
  /** Where the groups are: a claim's name, or a path such as `realm_access.roles`. */
  readonly groupsClaim: string
  /** The policy's words for groups that the issuer calls otherwise. */
  readonly groupNames: ReadonlyMap<string, string>
  readonly workloads: readonly WorkloadRule[]
}

/** Which groups the workloads of one issuer and audience are in, where a condition on their claims holds. */
export interface WorkloadRule {
  readonly issuer: string
  readonly audience: string
  readonly groups: readonly string[]
  /** null: whatever the claims. */
  readonly when: Condition | null
}

/** A named, time-bound set of rules on one server that matching subjects may activate. */
export interface Grant {
  readonly name: string
  readonly server: string
  readonly who: Who
  /** null: at any time, from any client. */
  readonly when: Condition | null
  readonly activate: {
    readonly mode: 'session' | 'request' | 'approval'
    readonly reason: 'required' | 'optional'
    /** Of whoever asks; with `mode: approval` of whoever agrees. */
    readonly proof: ProofKind
    /** What the second person's yes must be; null unless `mode` is `approval`. */
    readonly approval: AskTerms | null
  }
  /** Does a list show what it gives as soon as the subject may activate it, or only while it is active? */
  readonly listed: 'available' | 'active'
  /** In milliseconds; `defaultMs` is never above `maxMs`; null: what starts with a session ends with it. */
  readonly duration: { readonly defaultMs: number | null; readonly maxMs: number }
  /** How many calls one activation lets through, over all shims; null: any number. */
  readonly uses: number | null
  readonly rules: readonly Rule[]
}

/** Somebody whose SSH keys the policy knows. */
export interface Person {
  readonly issuer: string
  readonly sub: string
  /** The policy vouches for the email and the groups, so that an answer with a key can meet `by`. */
  readonly email: string | null
  readonly groups: readonly string[]
  /** No key is among those of two people. */
  readonly keys: readonly AuthorizedKey[]
}

/** How questions are put to people: the section `approvals`. */
export interface ApprovalSettings {
  /** How many calls of one session may wait at once. */
  readonly maxWaiting: number
  /** Where questions and answers of a team lie; null: on this machine alone, as under every unsigned policy. */
  readonly store: ObjectPlace | null
  /** Who is told that a call waits; nobody under an unsigned policy. */
  readonly notify: readonly Webhook[]
}

/** A place for objects: a bucket, or a directory where one is meant. */
export interface ObjectPlace {
  /** `s3://bucket`, perhaps with a prefix behind it; of a directory `file:///DIRECTORY/`. */
  readonly url: string
  readonly region: string | null
  /** The role that is assumed to reach it; null: none. */
  readonly role: string | null
  /** https, or http to loopback; null: AWS. */
  readonly endpoint: string | null
}

/** A place that session logs are sent to. */
export interface UploadPlace extends ObjectPlace {
  /** As of any place for objects, or of a web server: `https://HOST/PATH/`, or http to loopback. Ends in `/`. */
  readonly url: string
  /** Whom the access token is made for that a web server gets; null for all others, which get none. */
  readonly audience: string | null
  /** What the issuer is asked for to make it; null: the audience, as `resource`. */
  readonly scope: string | null
  /** How a bucket is asked to keep them; null: as it does by default. */
  readonly keeping: Keeping | null
}

/** How a bucket is asked to keep an object. In each part null: as it does by default. */
export interface Keeping {
  readonly encryption: 'AES256' | 'aws:kms' | null
  /** An ARN, an id or an alias; only with `aws:kms`. */
  readonly kmsKey: string | null
  readonly lock: { readonly mode: 'governance' | 'compliance'; readonly forMs: number } | null
}

/** An address that is told that a call waits. */
export interface Webhook {
  /** https, or http to loopback. */
  readonly url: string
  /** Are the values of arguments told too? */
  readonly arguments: boolean
  /** What messages are signed with (HMAC), as the policy writes it; null: it does not. */
  readonly key: Secret | null
  /** The absolute path of a file that holds it; never beside `key`. */
  readonly keyFile: string | null
}

/** What no rule can raise. null: no limit. */
export interface Limits {
  readonly messageBytes: number
  readonly callsPerMinute: number | null
  readonly callsPerSession: number | null
  readonly openCalls: number | null
}
