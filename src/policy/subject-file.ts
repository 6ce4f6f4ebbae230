import * as v from 'valibot'
import type { Subject } from '../subject.ts'

const text = v.pipe(v.string(), v.minLength(1, 'this must not be empty'))

/** A subject as people write one for `policy explain --as` and in policy tests: what is left out is empty. */
export const SubjectFile = v.strictObject({
  issuer: v.optional(text),
  sub: v.optional(text),
  email: v.optional(text),
  groups: v.optional(v.array(text)),
  kind: v.optional(v.picklist(['human', 'workload'])),
  claims: v.optional(v.record(v.string(), v.unknown())),
})

export type SubjectFile = v.InferOutput<typeof SubjectFile>

/**
 * Completes a written subject: a human without groups and claims, unless it says otherwise.
 * @param home the issuer of people under the policy; null where nobody signs in
 */
export function completeSubject(
  { issuer, sub, email, groups, kind, claims }: SubjectFile,
  home: string | null,
): Subject {
  return {
    issuer: issuer ?? home ?? 'local',
    sub: sub ?? email ?? 'someone',
    email: email ?? null,
    groups: groups ?? [],
    kind: kind ?? 'human',
    claims: claims ?? {},
  }
}

/** Reads a subject out of a parsed file; `why` says what is wrong with it, in one clause. See `completeSubject`. */
export function readSubject(
  value: unknown,
  home: string | null,
): { readonly subject: Subject; readonly why: null } | { readonly subject: null; readonly why: string } {
  const result = v.safeParse(SubjectFile, value)
  if (result.success) return { subject: completeSubject(result.output, home), why: null }
  const [issue] = result.issues
  const at = v.getDotPath(issue)
  return { subject: null, why: `${at === null ? 'the subject' : `\`${at}\``} does not fit: ${issue.message}` }
}
