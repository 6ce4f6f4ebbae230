import type { AuditSettings } from '../records.ts'
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
  /** Loads what its conditions need to be judged, and before that they fail; null: they can be judged now. */
  readonly ready: (() => Promise<void>) | null
  readonly servers: ReadonlyMap<string, Server>
  readonly grants: readonly Grant[]
  readonly rules: readonly Rule[]
  readonly limits: Limits
  readonly audit: AuditSettings
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

/** A named set of rules on one server. */
export interface Grant {
  readonly name: string
  readonly server: string
  readonly rules: readonly Rule[]
}

/** What no rule can raise. null: no limit. */
export interface Limits {
  readonly messageBytes: number
  readonly callsPerMinute: number | null
  readonly callsPerSession: number | null
  readonly openCalls: number | null
}
