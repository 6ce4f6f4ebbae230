import type { Grant } from '../policy/policy.ts'

/**
 * Says what a person does to get a grant that would let a denied call through, in one sentence.
 * @param policyFile the policy that was named by hand, as a shell takes it; null: what holds for every command
 */
export function grantHelp(grant: Grant, policyFile: string | null): string {
  const { name, activate } = grant
  const required = activate.reason === 'required'
  if (activate.mode === 'session') {
    const words = required ? ', with --reason "…" in its entry' : ''
    return `The grant ${name} would allow it, and starts with a session: a person can restart the client${words}`
  }
  const reason = required ? ' --reason "…"' : ''
  const policy = policyFile === null ? '' : ` --policy ${policyFile}`
  const agreed = activate.mode === 'approval' ? ', once a second person agrees' : ''
  return `The grant ${name} would allow it${agreed}. A person can ask for it with: hoopctl request ${name}${reason}${policy}`
}

/**
 * Says what becomes of a grant that was asked for and does not count yet: asking again needs the same provider.
 * @param why what stands in the way, one clause
 */
export function awaitedHelp({ name }: Grant, why: string): string {
  return `The grant ${name} would allow it, was asked for, and does not count yet: ${why}. hoopctl checks again by itself`
}
