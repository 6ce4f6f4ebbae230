import { sha256 } from '../digest.ts'
import { checkAsks } from './check-asks.ts'
import { checkGrants } from './check-grants.ts'
import type { ProofSetting } from './check-proof.ts'
import { checkPeople } from './check-people.ts'
import { checkRules } from './check-rules.ts'
import { compileApprovals } from './compile-approvals.ts'
import type { ConditionCompiler } from './compile-condition.ts'
import { compileGrants } from './compile-grant.ts'
import { compileIdentity } from './compile-identity.ts'
import { compilePeople } from './compile-people.ts'
import { compilePatterns, compileRules, type Verbs } from './compile-rule.ts'
import { compileAudit, compileLimits, compilePeriods } from './compile-settings.ts'
import { compileUploadTerms } from './compile-upload-terms.ts'
import { compileUploads } from './compile-uploads.ts'
import { compileWhen, type WhenTools } from './compile-when.ts'
import type { Policy, Server } from './policy.ts'
import type { ProblemList } from './problem-list.ts'
import type { Cover } from './rule.ts'
import type { PolicyFile, ServerInFile } from './schema.ts'

/** What a policy file is, beside what it says. */
interface FileFacts {
  readonly path: string
  readonly bytes: Uint8Array
  readonly servers: ReadonlyMap<string, Server>
  readonly expires: Date | null
  /** Is it the payload of a signature that was verified? */
  readonly signed: boolean
  /** Was this very file found sound before? Then the rules are not held against each other again. */
  readonly sound: boolean
  /** See `Policy`. */
  readonly ready: Policy['ready']
}

/** Compiles a file of the right shape; what is wrong with it is noted, and then the result must not be used. */
export function compilePolicy(
  file: PolicyFile,
  { path, bytes, servers, expires, signed, sound, ready }: FileFacts,
  conditions: Pick<ConditionCompiler, 'compile'>,
  problems: ProblemList,
): Policy {
  const { metadata } = file
  const verbs = compileServerVerbs(file, { conditions, problems })
  const people = compilePeople(file.people ?? [], { problems, sound })
  const tools = { problems, conditions, verbs, ...proofSetting(file, signed) }
  const identity = file.identity === undefined ? null : compileIdentity(file.identity, tools)
  const rules = compileRules(file.rules ?? [], { path: ['rules'], ref: 'rules', server: null }, tools)
  const grants = compileGrants(file.grants ?? [], tools)
  if (!sound) {
    checkRules(rules, grants, problems)
    checkGrants(grants, { signsIn: identity !== null, people }, problems)
    checkPeople(people, identity?.settings ?? null, problems)
    checkAsks([...rules, ...grants.flatMap((grant) => grant.rules)], people, problems)
  }
  return {
    name: metadata.name,
    version: metadata.version ?? null,
    expires,
    digest: sha256(bytes),
    path,
    signed,
    ready,
    ...compilePeriods(file, problems),
    unlisted: file.unlisted ?? (signed ? 'deny' : 'allow'),
    identity: identity?.settings ?? null,
    claims: identity?.claims ?? null,
    servers,
    grants,
    rules,
    people,
    approvals: compileApprovals(file.approvals, signed, problems),
    limits: compileLimits(file.limits, problems),
    ...compileRecording(file, signed, problems),
  }
}

function compileRecording(
  file: PolicyFile,
  signed: boolean,
  problems: ProblemList,
): Pick<Policy, 'audit' | 'uploads' | 'unusedUploads' | 'uploadTerms'> {
  const { audit } = file
  const uploads = compileUploads(file, signed, problems)
  const used = new Set(uploads.map(({ url }) => url))
  const named = (audit?.upload?.to ?? []).map(({ url }) => (url.endsWith('/') ? url : `${url}/`))
  const unusedUploads = named.filter((url) => !used.has(url))
  const uploadTerms = compileUploadTerms(audit, uploads, problems)
  return { audit: compileAudit(audit), uploads, unusedUploads, uploadTerms }
}

function proofSetting({ identity, people, approvals }: PolicyFile, signed: boolean): ProofSetting {
  return {
    signed,
    approvalsClient: identity?.approvals !== undefined,
    hasPeople: people !== undefined,
    hasStore: approvals?.store !== undefined,
  }
}

function compileServerVerbs({ servers = {} }: PolicyFile, tools: WhenTools): Verbs {
  return new Map(Object.entries(servers).map(([name, server]) => [name, compileVerbs(name, server, tools)]))
}

function compileVerbs(
  server: string,
  { verbs = {} }: ServerInFile,
  tools: WhenTools,
): ReadonlyMap<string, readonly Cover[]> {
  const compiled = Object.entries(verbs).map(([verb, entries]): [string, Cover[]] => {
    const covers = entries.flatMap((entry, index) => {
      const path = ['servers', server, 'verbs', verb, index]
      const when = entry.when === undefined ? null : compileWhen(entry.when, [...path, 'when'], 'tool', tools)
      const patterns = compilePatterns(entry.tool, 'tool', [...path, 'tool'], tools.problems)
      return patterns.map((pattern): Cover => ({ server, pattern, when }))
    })
    return [verb, covers]
  })
  return new Map(compiled)
}
