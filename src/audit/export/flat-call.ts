import type { ExportedCall } from './exported-call.ts'

/** What a field of a flat export can be. */
export type FlatValue = string | number | boolean | null | readonly string[]

/** The members of an exported exchange side by side, as docs/exports.md names them; its arguments stand apart. */
export function flatCall({ session, circumstances, asked, ended }: ExportedCall): Record<string, FlatValue> {
  const { seq, exchange, at, from, method, tool, resource, prompt, task, effect, rules, why } = asked
  const { issuer, sub, email, groups, kind, client, clientVersion, grants } = circumstances
  const { policy, policyVersion, policyDigest } = circumstances
  const { requestBytes, requestSha256 } = asked
  const { osUser, host, server } = session
  const place = { session: session.session, number: session.number, seq, exchange, at }
  const who = { issuer, sub, email, groups, kind, osUser, host, client, clientVersion }
  const what = { server, from, method, tool, resource, prompt, task }
  const decided = { effect, rules, why, grants, policy, policyVersion, policyDigest }
  const { edited, resultBytes, resultSha256, ...became } = ended
  const sizes = { requestBytes, requestSha256, resultBytes, resultSha256 }
  return { ...place, ...who, ...what, ...decided, ...ordered(became), ...sizes, edited }
}

// The members of a log's later records, the question before what came of it.
function ordered(became: Omit<ExportedCall['ended'], 'edited' | 'resultBytes' | 'resultSha256'>) {
  const { approval, approvalState, approvers, proofs, outcome, outcomeWhy, answeredAt, tookUs, isError } =
    became
  return { approval, approvalState, approvers, proofs, outcome, outcomeWhy, answeredAt, tookUs, isError }
}
